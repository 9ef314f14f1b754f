/// A line that no command understands: what is wrong, and how the command is used.
struct UsageError: Error, CustomStringConvertible {
    /// As `sysexits.h` has it.
    static let status: Int32 = 64

    let message: String
    /// The one it is about.
    let parameter: Parameter?
    let command: Command
    /// The names that lead to the command.
    let path: [String]

    var description: String {
        var lines = ["Error: \(self.message)"]
        if let parameter = self.parameter { lines.append("Help:  \(HelpText.line(parameter))") }
        lines.append("Usage: \(HelpText.usage(self.command, self.path))")
        lines.append("  See '\(self.path.joined(separator: " ")) --help' for more information.")
        return lines.joined(separator: "\n")
    }
}
