import Foundation
import Glibc
import Testing

@testable import EdgeServer

/// `F_SETPIPE_SZ` of Linux, which Glibc's module does not have.
private let setPipeSize: Int32 = 1031

/// A log that nobody reads any more: a pager that is not scrolled, a collector that hangs.
@Suite struct StalledLogTests {
    private static let noisy = """
        return function()
          for _ = 1, 20 do log.info(("x"):rep(900)) end
          return "ok"
        end
        """

    /// A server whose standard error is a pipe of 4 KB that is never read.
    private func server() throws -> (RunningServer, log: FileHandle) {
        let workspace = try Workspace(["noisy.lua": Self.noisy])
        let (pipe, script) = (workspace.path + "/log", workspace.path + "/serve.sh")
        try #require(mkfifo(pipe, 0o600) == 0)
        let descriptor = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let size = fcntl(descriptor, setPipeSize, 4096)
        try #require(descriptor >= 0 && size == 4096)
        let log = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try "#!/bin/sh\nexec \(Executable.path()) \"$@\" 2>\(pipe)\n".write(
            toFile: script,
            atomically: false,
            encoding: .utf8
        )
        try #require(chmod(script, 0o700) == 0)
        return (try RunningServer(workspace, executable: script), log)
    }

    @Test func aServerThatDiedIsFollowedByAnotherAndBothEnd() throws {
        let (server, log) = try self.server()
        try withExtendedLifetime(log) {
            for _ in 0..<3 {
                let body = try server.get("/noisy").body
                #expect(body == "ok")
            }
            let first = server.serverPID
            kill(first, SIGKILL)
            // Waits in the parent's socket.
            let body = try server.get("/noisy").body
            #expect(body == "ok" && server.serverPID != first)
            let end = try server.stop()
            #expect(end == .exit(0))
        }
    }

    @Test func linesThatNobodyTakesAreCountedAndTheNextOneTellsSo() throws {
        let pipe = try ShortPipe()
        let lines = ImpatientLines(console: Console(descriptor: pipe.writeEnd))
        let long = String(repeating: "x", count: 4000)
        lines.line(long)
        lines.line(long)
        lines.line("short")
        #expect(pipe.take() == long + "\n")
        lines.line("again")
        #expect(pipe.take() == "(2 lines were dropped: nobody reads fast enough)\nagain\n")
    }

    @Test func aQueueEndsThoughNobodyReads() throws {
        let pipe = try ShortPipe()
        let queue = LineQueue(console: Console(descriptor: pipe.writeEnd))
        for _ in 0..<10 { queue.line(String(repeating: "x", count: 4000)) }
        queue.close()
        #expect(pipe.take().hasPrefix("xxxx"))
    }

    @Test func aPatientWriterIsServedInTheEnd() throws {
        let pipe = try ShortPipe()
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 20_000)
        var taken = 0
        let isWritten = Console(descriptor: pipe.writeEnd).write(bytes: bytes) {
            taken += pipe.take().utf8.count
            return true
        }
        #expect(isWritten && taken + pipe.take().utf8.count == bytes.count)
    }
}

/// A pipe with room for 4 KB.
private final class ShortPipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        let result = pipe(&ends)
        try #require(result == 0)
        (self.readEnd, self.writeEnd) = (ends[0], ends[1])
        let results = (fcntl(self.readEnd, setPipeSize, 4096), fcntl(self.readEnd, F_SETFL, O_NONBLOCK))
        try #require(results == (4096, 0))
    }

    deinit {
        close(self.readEnd)
        close(self.writeEnd)
    }

    /// What it holds now.
    func take() -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(self.readEnd, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
