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

    /// A server whose output and log are a pipe of 4 KB that nobody reads from the moment it listens.
    private struct Scene {
        let workspace: Workspace
        let process: ChildProcess
        let log: FileHandle
        let port: Int

        init() throws {
            self.workspace = try Workspace(["noisy.lua": StalledLogTests.noisy])
            let (pipe, script) = (self.workspace.path + "/log", self.workspace.path + "/serve.sh")
            try #require(mkfifo(pipe, 0o600) == 0)
            let descriptor = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            let size = fcntl(descriptor, setPipeSize, 4096)
            try #require(descriptor >= 0 && size == 4096)
            self.log = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            let text = "#!/bin/sh\nexec \(try Executable.path()) \"$@\" >\(pipe) 2>&1\n"
            try text.write(toFile: script, atomically: false, encoding: .utf8)
            try #require(chmod(script, 0o700) == 0)
            let sandbox = getenv("EDGEHOST_SANITIZE") == nil ? [] : ["--no-sandbox"]
            self.process = try ChildProcess(
                ["serve", "--listen", "127.0.0.1:0"] + sandbox,
                in: self.workspace.path,
                executable: script
            )
            self.port = try Self.readPort(descriptor)
        }

        private static func readPort(_ descriptor: Int32) throws -> Int {
            let (deadline, prefix) = (Deadline(), "listening on http://127.0.0.1:")
            var (text, bytes) = ("", [UInt8](repeating: 0, count: 4096))
            while true {
                var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&ready, 1, 1000)
                let count = read(descriptor, &bytes, bytes.count)
                text += String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                if let line = lines.first(where: { $0.hasPrefix(prefix) }), let port = Int(line.dropFirst(prefix.count))
                {
                    return port
                }
                try deadline.check("the server does not say where it listens: \(text)")
            }
        }

        func get() throws -> String {
            try HTTPClient(port: self.port).request("GET", "/noisy").body
        }
    }

    @Test(.timeLimit(.minutes(5))) func aServerThatDiedIsFollowedByAnotherWhichReloadsAndEnds() throws {
        let scene = try Scene()
        for _ in 0..<3 { #expect(try scene.get() == "ok") }
        let first = try #require(scene.process.children.last)
        kill(first, SIGKILL)
        // Waits in the parent's socket.
        #expect(try scene.get() == "ok")
        #expect(scene.process.children.last != first)
        try scene.workspace.write("noisy.lua", "return function() return 'reloaded' end")
        scene.process.signal(SIGHUP)
        let deadline = Deadline()
        while try scene.get() != "reloaded" { try deadline.check("the server does not reload") }
        scene.process.signal(SIGTERM)
        #expect(try scene.process.waitForEnd() == .exit(0))
    }

    /// A terminal takes less than it says it would: nothing may wait in a write.
    @Test(.timeLimit(.minutes(5))) func aTerminalThatNobodyReadsIsNotWaitedFor() throws {
        let primary = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (number, locked): (Int32, Int32) = (0, 0)
        // TIOCSPTLCK and TIOCGPTN, which Glibc's module does not have.
        let results = (ioctl(primary, 0x4004_5431, &locked), ioctl(primary, 0x8004_5430, &number))
        let secondary = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        try #require(results == (0, 0) && secondary >= 0)
        let lines = ImpatientLines(Console(descriptor: secondary))
        for _ in 0..<1000 { lines.line(String(repeating: "x", count: 150)) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        #expect(read(primary, &bytes, bytes.count) > 0)
        close(secondary)
        close(primary)
    }

    @Test func linesThatNobodyTakesAreCountedAndTheNextOneTellsSo() throws {
        let pipe = try ShortPipe()
        let lines = ImpatientLines(Console(descriptor: pipe.writeEnd))
        let long = String(repeating: "x", count: 4094)
        lines.line(long)
        lines.line(long)
        lines.line("short")
        #expect(pipe.take() == long + "\n")
        lines.line("again")
        #expect(pipe.take() == "(2 lines were dropped: nobody reads fast enough)\nagain\n")
    }

    @Test(.timeLimit(.minutes(5))) func aQueueEndsThoughNobodyReads() throws {
        let pipe = try ShortPipe()
        let queue = LineQueue(Console(descriptor: pipe.writeEnd))
        for _ in 0..<10 { queue.line(String(repeating: "x", count: 4000)) }
        queue.close()
        #expect(pipe.take().hasPrefix("xxxx"))
    }

    @Test func aPatientWriterIsServedInTheEnd() throws {
        let pipe = try ShortPipe()
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 20_000)
        var taken = 0
        var asked = 0
        let isWritten = PatientOutput(Console(descriptor: pipe.writeEnd)).write(bytes) {
            asked += 1
            // Not at once: it must go on waiting.
            if asked.isMultiple(of: 2) { taken += pipe.take().utf8.count }
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
