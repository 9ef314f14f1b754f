import Foundation
import Testing

/// The thread that waits for signals has nothing to do while requests run.
@Suite struct QuietMainThreadTests {
    private func wakeUps(of pid: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/task/\(pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") })
        return try #require(Int(line.split(separator: "\t")[1]))
    }

    @Test(arguments: [["serve"], ["serve", "--no-parent"]])
    func guestsThatRunLongWakeNoOtherThread(command: [String]) throws {
        let worker = """
            return { limits = { cpu_ms = 10000, wall_ms = 60000 }, fetch = function()
              local sum = 0
              for i = 1, 20000000 do sum = sum + i % 7 end
              return "done"
            end }
            """
        let server = try RunningServer(Workspace(["spin.lua": worker]), command)
        #expect(try server.get("/spin").body == "done")
        let before = try self.wakeUps(of: server.serverPID)
        #expect(try server.get("/spin").body == "done")
        // A guest's thread has a tick a millisecond: there were more than a hundred.
        #expect(try self.wakeUps(of: server.serverPID) - before < 20)
        #expect(try server.stop() == .exit(0))
    }
}
