/// A command, or a group of them.
struct Command: Sendable {
    let name: String
    /// One sentence for help.
    let abstract: String
    var parameters: [Parameter] = []
    var subcommands: [Command] = []
    /// The subcommand that is meant where a line names none.
    var standard: String?
    /// Returns the status to exit with. A group has none of its own.
    var run: (@Sendable (Arguments) throws -> Int32)?

    func subcommand(_ name: String) -> Command? {
        self.subcommands.first { $0.name == name }
    }
}
