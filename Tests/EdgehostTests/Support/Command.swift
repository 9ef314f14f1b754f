/// An edgehost command that runs to its end.
struct Command {
    let end: ChildProcess.End
    let output: String
    let error: String

    /// Runs it in the workspace.
    init(_ arguments: [String], in workspace: Workspace, environment: [String: String] = [:]) throws {
        let process = try ChildProcess(arguments, in: workspace.path, environment: environment)
        self.end = try process.waitForEnd()
        self.output = process.output
        self.error = process.error
    }

    var isSuccess: Bool { self.end == .exit(0) }
}
