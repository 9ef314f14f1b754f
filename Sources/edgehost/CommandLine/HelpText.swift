/// What `--help` prints of a command.
enum HelpText {
    private static let columns = 80
    /// Where the right column of a table begins.
    private static let indent = 26
    private static let common = [
        ("--version", "Show the version."), ("-h, --help", "Show help information."),
    ]

    static func make(_ command: Command, _ path: [String]) -> String {
        var parts = [
            self.wrapped("OVERVIEW: \(command.abstract)", indent: 0), "USAGE: \(self.usage(command, path))",
        ]
        let arguments = command.parameters.filter { $0.kind == .argument }
        if !arguments.isEmpty { parts.append(self.table("ARGUMENTS", arguments.map { ($0.text, self.help($0)) })) }
        let options = command.parameters.filter { $0.kind != .argument }.map { ($0.text, self.help($0)) }
        parts.append(self.table("OPTIONS", options + self.common))
        if !command.subcommands.isEmpty {
            let rows = command.subcommands.map { ($0.name, $0.abstract) }
            let words = [path[0], "help"] + path.dropFirst() + ["<subcommand>"]
            parts.append(self.table("SUBCOMMANDS", rows))
            parts.append("  See '\(words.joined(separator: " "))' for detailed help.")
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// In one line.
    static func usage(_ command: Command, _ path: [String]) -> String {
        let words = command.parameters.map { parameter in
            switch parameter.kind {
            case .argument: parameter.text
            case .option where parameter.isRepeated: "[\(parameter.text) ...]"
            case .option, .flag: "[\(parameter.text)]"
            }
        }
        return (path + words + (command.subcommands.isEmpty ? [] : ["<subcommand>"])).joined(separator: " ")
    }

    /// A parameter and its help in one line.
    static func line(_ parameter: Parameter) -> String {
        "\(parameter.text)  \(self.help(parameter))"
    }

    private static func help(_ parameter: Parameter) -> String {
        guard let standard = parameter.standard, !standard.isEmpty else { return parameter.help }
        return "\(parameter.help) (default: \(standard))"
    }

    private static func table(_ title: String, _ rows: [(String, String)]) -> String {
        let lines = rows.map { left, right in
            let text = self.wrapped(right, indent: self.indent)
            let name = "  \(left)"
            guard name.count < self.indent else { return "\(name)\n\(text)" }
            return name + text.dropFirst(name.count)
        }
        return "\(title):\n\(lines.joined(separator: "\n"))"
    }

    /// Breaks a text between words, and moves all of it to the right.
    private static func wrapped(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let line = lines.last, line.count + 1 + word.count <= self.columns {
                lines[lines.count - 1] = "\(line) \(word)"
            } else {
                lines.append(margin + word)
            }
        }
        return lines.joined(separator: "\n")
    }
}
