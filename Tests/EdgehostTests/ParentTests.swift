import Foundation
import Glibc
import Testing

/// The small process above the server.
@Suite struct ParentTests {
    private func workspace() throws -> Workspace {
        try Workspace(["hello.lua": "return function() return 'hello' end"])
    }

    /// Waits until the process has ended and its parent has not looked.
    private func waitForZombie(_ pid: pid_t) throws {
        let deadline = Deadline()
        while try !String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8).contains(") Z ") {
            try deadline.check("process \(pid) has not ended")
        }
    }

    /// Waits for a line on standard error.
    private func waitForError(_ text: String, of server: RunningServer) throws {
        try server.process.wait(for: text) { $0.error.contains(text) ? true : nil }
    }

    @Test func itIsOneThreadAndItsChildServes() throws {
        let server = try RunningServer(self.workspace())
        let pid = server.process.pid
        #expect(try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task") == ["\(pid)"])
        #expect(server.children.count == 1)
        #expect(server.process.problems == [])
    }

    @Test(arguments: ["serve", "dev"])
    func aKilledServerIsFollowedByAnotherAndConnectionsMeanwhileWait(_ command: String) throws {
        let server = try RunningServer(self.workspace(), [command])
        #expect(try server.get("/hello").body == "hello")
        let first = server.serverPID
        // Held still, so that the connection is made while nobody serves.
        server.process.signal(SIGSTOP)
        kill(first, SIGKILL)
        try self.waitForZombie(first)
        let client = try server.client()
        try client.sendRequest("GET", "/hello")
        server.process.signal(SIGCONT)
        #expect(try client.readResponse().body == "hello")
        #expect(server.serverPID != first)
        try self.waitForError("server_pid=\(first) wait_ms=0", of: server)
        #expect(server.process.error.contains("end=\"signal 9 (Killed)\""))
        #expect(try server.stop() == .exit(0))
    }

    @Test func theStoreIsHeldWhileNobodyServes() throws {
        let workspace = try self.workspace()
        let server = try RunningServer(workspace)
        let first = server.serverPID
        server.process.signal(SIGSTOP)
        kill(first, SIGKILL)
        try self.waitForZombie(first)
        let other = try Command(["serve", "--listen", "127.0.0.1:0"], in: workspace)
        #expect(other.end == .exit(1))
        #expect(other.error.contains("held by the server with process id \(server.process.pid);"))
        server.process.signal(SIGCONT)
        #expect(try server.get("/hello").body == "hello")
    }

    @Test func whatWasStoredIsThereAfterARestart() throws {
        let workspace = try Workspace(["count.lua": "return function(_, e) return tostring(e.KV:increment('n')) end"])
        let server = try RunningServer(workspace)
        for round in 1...5 {
            #expect(try server.get("/count").body == "\(round)")
            let pid = server.serverPID
            kill(pid, SIGKILL)
            try self.waitForError("server_pid=\(pid) ", of: server)
        }
        #expect(try server.get("/count").body == "6")
    }

    @Test func aServerWhoseParentIsKilledEndsAndFreesPortAndStore() throws {
        let workspace = try self.workspace()
        let server = try RunningServer(workspace)
        server.process.signal(SIGKILL)
        // The end of the output is that of both processes.
        #expect(try server.process.waitForEnd() == .signal(SIGKILL))
        let again = try Command(["kv", "list"], in: workspace)
        #expect(again.isSuccess)
        #expect((try? server.client()) == nil)
        #expect(try RunningServer(workspace).stop() == .exit(0))
    }

    @Test func aControlCOfATerminalCountsOnce() throws {
        let workspace = try Workspace([
            "gate.lua": """
            return function(_, env)
              env.KV:put("started", "yes")
              while not env.KV:get("go") do sleep(2) end
              return "finished"
            end
            """,
            "started.lua": "return function(_, env) return env.KV:get('started') or 'no' end",
        ])
        let server = try RunningServer(workspace)
        let client = try server.client()
        try client.sendRequest("GET", "/gate")
        _ = try server.get("/started") { $0.body == "yes" }
        let pid = server.serverPID
        server.process.signal(SIGINT)
        kill(pid, SIGINT)
        try self.waitForError("shutting down", of: server)
        kill(pid, SIGINT)
        kill(pid, SIGTERM)
        #expect(try Command(["kv", "put", "go", "1"], in: workspace).isSuccess)
        #expect(try client.readResponse().body == "finished")
        #expect(try server.process.waitForEnd() == .exit(0))
    }

    @Test func withoutAParentItIsOneProcess() throws {
        let server = try RunningServer(self.workspace(), ["serve", "--no-parent"])
        #expect(server.children == [])
        #expect(try server.get("/hello").body == "hello")
        server.process.signal(SIGUSR2)
        #expect(try server.get("/hello").body == "hello")
        server.process.signal(SIGKILL)
        #expect(try server.process.waitForEnd() == .signal(SIGKILL))
        #expect((try? server.client()) == nil)
    }
}
