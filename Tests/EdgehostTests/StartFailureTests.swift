import Glibc
import Testing

/// What keeps a server from starting is said on standard error, and the exit code is not 0.
@Suite struct StartFailureTests {
    private func workspace() throws -> Workspace {
        try Workspace(["hello.lua": "return function() return 'hello' end"])
    }

    /// Expects that the command fails with one message that holds all the parts.
    private func expectFailure(_ arguments: [String], in workspace: Workspace, _ parts: String...) throws {
        let command = try Command(arguments, in: workspace)
        #expect(command.end == .exit(1))
        #expect(command.output == "", "nothing was served")
        #expect(command.error.hasPrefix("edgehost: "))
        for part in parts {
            #expect(command.error.contains(part), "\(command.error)")
        }
    }

    private static let commands = ["serve", "dev"]
    private static let anywhere = ["--listen", "127.0.0.1:0"]

    @Test(arguments: Self.commands)
    func portInUse(_ command: String) throws {
        let workspace = try self.workspace()
        let server = try RunningServer(workspace)
        let arguments = [command, "--listen", "127.0.0.1:\(server.port)", "--data", "other"]
        try self.expectFailure(arguments, in: workspace, "127.0.0.1:\(server.port)", "Address already in use")
    }

    @Test(arguments: ["nonsense", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:-1", ":80", "::1:80", "127.0.0.1:http"])
    func malformedAddress(_ address: String) throws {
        try self.expectFailure(["serve", "--listen=\(address)"], in: self.workspace(), "'\(address)'", "HOST:PORT")
    }

    @Test func addressOfAnotherMachine() throws {
        try self.expectFailure(["serve", "--listen", "192.0.2.1:0"], in: self.workspace(), "192.0.2.1:0", "assign")
    }

    @Test(arguments: Self.commands)
    func missingWorkers(_ command: String) throws {
        let arguments = [command, "--workers", "nowhere"] + Self.anywhere
        try self.expectFailure(arguments, in: self.workspace(), "\"nowhere\"", "create it")
    }

    @Test func workersThatAreAFile() throws {
        let arguments = ["serve", "--workers", "workers/hello.lua"] + Self.anywhere
        try self.expectFailure(arguments, in: self.workspace(), "workers/hello.lua")
    }

    @Test func brokenConfiguration() throws {
        let workspace = try self.workspace()
        try workspace.writeBeside("edgehost.lua", "return {\n  threads = = 1\n}")
        try self.expectFailure(["serve"] + Self.anywhere, in: workspace, "edgehost.lua:2:", "'='")
    }

    @Test func configurationThatFailsOrLoops() throws {
        let workspace = try self.workspace()
        try workspace.writeBeside("edgehost.lua", "\nerror('on purpose')")
        try self.expectFailure(["serve"] + Self.anywhere, in: workspace, "edgehost.lua:2: on purpose")
        try workspace.writeBeside("edgehost.lua", "while true do end")
        try self.expectFailure(["serve"] + Self.anywhere, in: workspace, "edgehost.lua")
    }

    @Test func unknownAndWrongFields() throws {
        let workspace = try self.workspace()
        try workspace.writeBeside(
            "edgehost.lua",
            "return { wrokers = 'x', threads = 'many', limits = { cpu = 1 }, startup = 3 }"
        )
        try self.expectFailure(
            ["serve"] + Self.anywhere,
            in: workspace,
            "no field 'wrokers'",
            "threads is a whole number from 1 to 1024",
            "limits has the fields cpu_ms",
            "startup is a table"
        )
    }

    @Test func configurationThatIsNotThere() throws {
        let arguments = ["serve", "--config", "mine.lua"] + Self.anywhere
        try self.expectFailure(arguments, in: self.workspace(), "mine.lua", "No such file")
    }

    @Test func unknownLogLevel() throws {
        let workspace = try self.workspace()
        try workspace.writeBeside("edgehost.lua", "return { log_level = 'loud' }")
        try self.expectFailure(["serve"] + Self.anywhere, in: workspace, "'loud'", "info")
    }

    @Test func storeOfAnotherServer() throws {
        let workspace = try self.workspace()
        let server = try RunningServer(workspace)
        let holder = "process id \(server.process.pid);"
        try self.expectFailure(["serve"] + Self.anywhere, in: workspace, "'./.edgehost'", holder)
        #expect(try server.get("/hello").body == "hello")
    }

    @Test func damagedStore() throws {
        let workspace = try self.workspace()
        #expect(try RunningServer(workspace).stop() == .exit(0))
        try workspace.writeBeside(".edgehost/data.mdb", String(repeating: "no pages ", count: 4000))
        for arguments in [["serve"] + Self.anywhere, ["kv", "get", "a"]] {
            try self.expectFailure(arguments, in: workspace, ".edgehost/data.mdb", "damaged", "backup")
        }
    }

    @Test func lostStore() throws {
        let workspace = try self.workspace()
        #expect(try RunningServer(workspace).stop() == .exit(0))
        try workspace.writeBeside(".edgehost/data.mdb", "")
        try self.expectFailure(["serve"] + Self.anywhere, in: workspace, "missing or empty")
    }

    @Test func dataThatIsAFile() throws {
        let workspace = try self.workspace()
        try workspace.writeBeside("store", "a file")
        try self.expectFailure(["serve", "--data", "store"] + Self.anywhere, in: workspace, "'store'")
    }
}
