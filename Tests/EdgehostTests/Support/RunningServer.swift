import Foundation
import Glibc

/// An `edgehost serve` or `edgehost dev` that listens, and a workspace it runs in.
final class RunningServer {
    /// Kept, because its folder goes with the object.
    let workspace: Workspace
    let process: ChildProcess
    let port: Int
    /// The lines of standard output before `listening on`.
    let announced: [String]

    /// Starts it in the workspace and waits until it listens.
    ///
    /// - Parameter executable: another one than that of the build.
    init(
        _ workspace: Workspace,
        _ command: [String] = ["serve"],
        environment: [String: String] = [:],
        executable: String? = nil
    ) throws {
        self.workspace = workspace
        self.process = try ChildProcess(
            command + Self.sandboxOptions(command) + ["--listen", "127.0.0.1:0"],
            in: workspace.path,
            environment: environment,
            executable: executable
        )
        let prefix = "listening on http://127.0.0.1:"
        let found = try self.process.line(prefix) { $0.hasPrefix(prefix) }
        guard let port = Int(found.text.dropFirst(prefix.count)) else { throw Failure("no port: \(found.text)") }
        self.port = port
        self.announced = self.process.output.split(separator: "\n").prefix(found.next - 1).map(String.init)
    }

    /// ThreadSanitizer starts a process that tells names, which its suppressions go by: no sandbox lets it.
    private static func sandboxOptions(_ command: [String]) -> [String] {
        let isSanitized = getenv("EDGEHOST_SANITIZE") != nil
        return isSanitized && !command.contains { $0.hasSuffix("sandbox") } ? ["--no-sandbox"] : []
    }

    func client() throws -> HTTPClient {
        try HTTPClient(port: self.port)
    }

    /// One request on a connection of its own.
    func get(_ path: String) throws -> Response {
        try self.client().request("GET", path)
    }

    /// Requests again and again until the condition holds.
    func get(_ path: String, until condition: (Response) -> Bool) throws -> Response {
        let client = try self.client()
        let deadline = Deadline()
        while true {
            let response = try client.request("GET", path)
            if condition(response) { return response }
            try deadline.check("\(path) still answers \(response.status) \(response.body)")
        }
    }

    /// Ends it as an operator does.
    func stop(_ signal: Int32 = SIGTERM) throws -> ChildProcess.End {
        self.process.signal(signal)
        return try self.process.waitForEnd()
    }

    /// The processes below the parent, in the order in which they were made; none without a parent.
    var children: [pid_t] {
        self.process.children
    }

    /// The process that serves, or is about to.
    var serverPID: pid_t {
        self.children.last ?? self.process.pid
    }

    var openFiles: Int {
        guard let stream = opendir("/proc/\(self.serverPID)/fd") else { return 0 }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        return count
    }
}

/// A minute, after which a test that waits in a loop gives up.
struct Deadline {
    private let end = Self.now() + 60

    func check(_ what: String) throws {
        if Self.now() > self.end { throw Failure(what) }
    }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec
    }
}
