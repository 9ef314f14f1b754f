import Foundation
import Glibc
import Synchronization
import Testing

/// SIGUSR2: another executable takes over, and no client notices.
@Suite struct UpgradeTests {
    private func workspace() throws -> Workspace {
        try Workspace(["hello.lua": "return function() return 'hello' end"])
    }

    /// Signals and waits until the next process serves.
    private func upgrade(_ server: RunningServer) throws {
        let old = server.serverPID
        server.process.signal(SIGUSR2)
        try server.process.wait(for: "the handover") { $0.error.contains("old_pid=\(old) ") ? true : nil }
    }

    @Test func noRequestFailsInAHandover() throws {
        let server = try RunningServer(self.workspace())
        let load = Load(port: server.port)
        load.start(isKept: true)
        load.start(isKept: false)
        defer { load.stop() }
        for round in 1...5 {
            try load.wait(for: "requests") { $0.count >= round * 200 }
            try self.upgrade(server)
        }
        try load.wait(for: "requests") { $0.count >= 2000 }
        load.stop()
        try load.wait(for: "the end of the clients") { $0.running == 0 }
        let failures = load.snapshot.failures
        #expect(failures.isEmpty, "\(failures.count) of \(load.snapshot.count) failed: \(failures.prefix(5))")
        #expect(try server.stop() == .exit(0))
    }

    @Test func oldProcessesFinishAndOnlyOneServes() throws {
        let server = try RunningServer(self.workspace())
        let first = server.serverPID
        try self.upgrade(server)
        try server.process.wait(for: "the end of the old process") {
            $0.error.contains("the old server process has finished server_pid=\(first)") ? true : nil
        }
        #expect(server.children.count == 1)
        #expect(server.serverPID != first)
        #expect(try server.get("/hello").body == "hello")
        #expect(try server.stop() == .exit(0))
    }

    @Test func aRequestInFlightFinishesInTheOldProcess() throws {
        let workspace = try Workspace([
            "gate.lua": """
            return function(_, env)
              env.KV:put("started", "yes")
              while not env.KV:get("go") do sleep(2) end
              return "finished"
            end
            """,
            "get.lua": "return function(r, env) return env.KV:get(r.query.key) or 'no' end",
            "put.lua": "return function(r, env) env.KV:put(r.query.key, 'yes') return 'stored' end",
        ])
        let server = try RunningServer(workspace)
        let client = try server.client()
        try client.sendRequest("GET", "/gate")
        _ = try server.get("/get?key=started") { $0.body == "yes" }
        try self.upgrade(server)
        #expect(server.children.count == 2)
        // Both have the store open and write.
        #expect(try server.get("/put?key=other").body == "stored")
        #expect(try server.get("/put?key=go").body == "stored")
        #expect(try client.readResponse().body == "finished")
        #expect(try server.get("/get?key=other").body == "yes")
    }

    @Test func theNewExecutableIsRunAlsoAfterACrash() throws {
        let workspace = try self.workspace()
        let executable = try self.copyExecutable(to: workspace)
        let server = try RunningServer(workspace, executable: executable)
        // A script in its place that says it was there, and then is edgehost.
        try self.replace(executable, by: "#!/bin/sh\necho new executable >&2\nexec \(Executable.path()) \"$@\"\n")
        for count in 1...2 {
            if count == 1 { try self.upgrade(server) } else { kill(server.serverPID, SIGKILL) }
            try server.process.wait(for: "the script") { snapshot in
                snapshot.errorLines.filter { $0 == "new executable" }.count == count ? true : nil
            }
            #expect(try server.get("/hello").body == "hello")
        }
        #expect(try server.stop() == .exit(0))
    }

    @Test func whatRanBeforeGoesOnWhereTheNewExecutableIsBroken() throws {
        let workspace = try self.workspace()
        let executable = try self.copyExecutable(to: workspace)
        let server = try RunningServer(workspace, executable: executable)
        let first = server.serverPID
        let client = try server.client()
        #expect(try client.request("GET", "/hello").body == "hello")
        let scripts: [String?] = ["#!/bin/sh\necho broken >&2\nexit 1\n", "not a program", nil]
        for (number, script) in scripts.enumerated() {
            try self.replace(executable, by: script)
            server.process.signal(SIGUSR2)
            try server.process.wait(for: "the failure") { snapshot in
                snapshot.errorLines.filter { $0.contains("the upgrade failed") }.count == number + 1 ? true : nil
            }
            #expect(try client.request("GET", "/hello").body == "hello")
        }
        #expect(server.process.error.contains("broken\n"))
        #expect(server.process.error.contains("can't start \(executable): No such file"))
        #expect(server.children == [first])
        kill(first, SIGKILL)
        #expect(try server.get("/hello").body == "hello", "a restart runs what ran before")
    }

    private func copyExecutable(to workspace: Workspace) throws -> String {
        let path = "\(workspace.path)/edgehost"
        try FileManager.default.copyItem(atPath: Executable.path(), toPath: path)
        return path
    }

    /// Puts an executable script in its place, or nothing.
    private func replace(_ executable: String, by script: String?) throws {
        guard let script else { return try FileManager.default.removeItem(atPath: executable) }
        try Data(script.utf8).write(to: URL(fileURLWithPath: executable + "~"))
        guard chmod(executable + "~", 0o700) == 0, rename(executable + "~", executable) == 0 else {
            throw Failure("replace \(executable): errno \(errno)")
        }
    }
}

/// Clients that send one request after another, as well-behaved ones do: a connection is given up when the server says so.
private final class Load: Sendable {
    struct State {
        var count = 0
        var failures: [String] = []
        var running = 0
        var isOver = false
    }

    private let port: Int
    private let state = Mutex(State())

    init(port: Int) {
        self.port = port
    }

    var snapshot: State { self.state.withLock { $0 } }

    /// Requests on a thread of its own until it is stopped.
    ///
    /// - Parameter isKept: whether connections are used for more than one request.
    func start(isKept: Bool) {
        self.state.withLock { $0.running += 1 }
        Thread.detachNewThread {
            self.run(isKept: isKept)
            self.state.withLock { $0.running -= 1 }
        }
    }

    func stop() {
        self.state.withLock { $0.isOver = true }
    }

    func wait(for what: String, _ condition: (State) -> Bool) throws {
        let deadline = Deadline()
        while !condition(self.snapshot) {
            try deadline.check("no sign of \(what): \(self.snapshot)")
            sched_yield()
        }
    }

    private func run(isKept: Bool) {
        var kept: HTTPClient?
        while !self.snapshot.isOver {
            var failure: String?
            do {
                let client = try kept ?? HTTPClient(port: self.port)
                let response = try client.request("GET", "/hello")
                kept = isKept && response.header("connection") != "close" ? client : nil
                if response.body != "hello" { failure = "\(response)" }
            } catch {
                kept = nil
                failure = "\(error)"
            }
            self.state.withLock { state in
                state.count += 1
                if let failure { state.failures.append(failure) }
            }
        }
    }
}
