import Foundation

/// What `edgehost sandbox --json` says.
struct SandboxReport: Decodable, Sendable {
    struct Check: Decodable, Sendable {
        var what: String
        var expected: String
        var got: String
        var ok: Bool
    }

    var walls: [String]
    var missing: [String]
    var ok: Bool
    var checks: [Check]

    init(_ options: [String], in workspace: Workspace) throws {
        let command = try Command(["sandbox", "--json"] + options, in: workspace)
        guard command.error.isEmpty else { throw Failure(command.error) }
        self = try JSONDecoder().decode(SandboxReport.self, from: Data(command.output.utf8))
        guard command.end == .exit(self.ok ? 0 : 1) else { throw Failure("the status is not that of the report") }
    }

    func check(_ what: String) -> Check? {
        self.checks.first { $0.what == what }
    }

    static func workspace() throws -> Workspace {
        let workspace = try Workspace(["hello.lua": "return function() return 'hello' end"])
        try workspace.writeBeside("secrets/TOKEN", "secret")
        try workspace.writeBeside("edgehost.lua", "return { secrets = 'secrets' }")
        return workspace
    }

    /// Of this machine; made once.
    static let ofMachine = Result { try SandboxReport([], in: SandboxReport.workspace()) }

    /// Whether this kernel has all that the sandbox is made of. Where it has not, there is nothing to test.
    static var isWhole: Bool {
        (try? Self.ofMachine.get())?.missing.isEmpty ?? true
    }

    /// Version 4 of Landlock governs ports, 6 signals.
    static var landlock: Int {
        let walls = (try? Self.ofMachine.get())?.walls ?? []
        return walls.lazy.compactMap { $0.split(separator: "landlock ").first.flatMap { Int($0) } }.first ?? 0
    }
}
