import Foundation
import Glibc

/// A process with its output collected as it comes. It is killed with the object, and with it the processes it has made.
final class ChildProcess: Sendable {
    /// How it ended.
    enum End: Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    let pid: pid_t
    private let record: ProcessRecord

    /// - Parameters:
    ///   - arguments: without the executable's name.
    ///   - directory: where it runs.
    ///   - executable: nil for that of the build.
    init(
        _ arguments: [String],
        in directory: String,
        environment: [String: String] = [:],
        executable: String? = nil
    ) throws {
        let output = try PipeEnds()
        let error = try PipeEnds()
        let command = [try executable ?? Executable.path()] + arguments
        self.pid = try Self.spawn(command, directory, environment, output: output.writeEnd, error: error.writeEnd)
        close(output.writeEnd)
        close(error.writeEnd)
        let record = ProcessRecord()
        self.record = record
        let pid = self.pid
        Thread.detachNewThread {
            record.collect(output: output.readEnd, error: error.readEnd) { Self.isZombie(pid, WNOHANG) }
            _ = Self.isZombie(pid)
            record.end { Self.reap(pid) }
        }
    }

    /// One that outlived its parent would hold the pipes, so that the parent would not be reaped: a zombie that nobody waits for
    /// keeps Swift Testing from seeing the ends of its own processes, and the tests from ending.
    deinit {
        self.record.withProcessAlive {
            // So that it makes no more.
            kill(self.pid, SIGSTOP)
            var information = siginfo_t()
            while waitid(P_PID, id_t(self.pid), &information, WSTOPPED | WEXITED | WNOWAIT) < 0, errno == EINTR {}
            for child in Self.children(of: self.pid) { kill(child, SIGKILL) }
            kill(self.pid, SIGKILL)
        }
    }

    /// In the order in which they were made.
    var children: [pid_t] {
        Self.children(of: self.pid)
    }

    private static func children(of pid: pid_t) -> [pid_t] {
        let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        return (text ?? "").split(separator: " ").compactMap { pid_t($0) }
    }

    func signal(_ signal: Int32) {
        self.record.withProcessAlive { kill(self.pid, signal) }
    }

    var output: String { self.record.snapshot.output }
    var error: String { self.record.snapshot.error }
    var problems: [String] { self.record.snapshot.problems }

    /// Blocks until `condition` finds something in what was written so far; fails when the process ends without it.
    @discardableResult
    func wait<T>(for what: String, _ condition: (ProcessRecord.Snapshot) -> T?) throws -> T {
        try self.record.wait(for: what, condition)
    }

    /// The first whole line of standard output, from `start` on, that the closure accepts, and the number after it.
    @discardableResult
    func line(from start: Int = 0, _ what: String, _ accepts: (String) -> Bool) throws -> (text: String, next: Int) {
        try self.wait(for: "the line '\(what)' on standard output") { snapshot in
            let lines = snapshot.outputLines
            guard start < lines.count, let index = lines[start...].firstIndex(where: accepts) else { return nil }
            return (lines[index], index + 1)
        }
    }

    /// Blocks until the process has ended and its output is complete.
    func waitForEnd() throws -> End {
        try self.wait(for: "the end of the process") { $0.end }
    }

    private static func spawn(
        _ command: [String],
        _ directory: String,
        _ environment: [String: String],
        output: Int32,
        error: Int32
    ) throws -> pid_t {
        // Becomes edgehost itself, in the other directory.
        let path = "/usr/bin/env"
        let command = [path, "-C", directory] + command
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        // Other tests' sockets would stay open in the child.
        for descriptor in Int32(3)..<1024 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var argv = command.map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, path, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw Failure("can't start \(path): errno \(code)") }
        return pid
    }

    /// Whether the process has ended; waits for that without `WNOHANG`. It stays a zombie, and its number its own.
    private static func isZombie(_ pid: pid_t, _ options: Int32 = 0) -> Bool {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT | options) < 0, errno == EINTR {}
        return information.si_signo == SIGCHLD
    }

    private static func reap(_ pid: pid_t) -> End {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? .exit(status >> 8 & 0xff) : .signal(status & 0x7f)
    }
}

/// A pipe that no other process inherits.
private struct PipeEnds {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure("pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.readEnd = ends[0]
        self.writeEnd = ends[1]
    }
}
