/// Reads a command line. It makes no use of reflection and of no large library: a server starts with it
/// (docs/decisions/0030-own-command-line.md).
struct CommandLineParser {
    enum Result {
        case run(Command, Arguments)
        /// The command, under the names that lead to it.
        case help(Command, path: [String])
        case version
    }

    private var words: ArraySlice<String>
    private var command: Command
    /// From the executable's name on.
    private var path: [String]
    private var arguments = Arguments()
    /// Of the command, those that have no value yet.
    private var places: ArraySlice<Parameter> = []

    /// - Parameter words: without the name of the executable.
    static func parse(_ words: [String], _ root: Command) throws(UsageError) -> Result {
        var parser = CommandLineParser(words: words[...], command: root, path: [root.name])
        return try parser.parse()
    }

    private init(words: ArraySlice<String>, command: Command, path: [String]) {
        (self.words, self.command, self.path) = (words, command, path)
    }

    private mutating func parse() throws(UsageError) -> Result {
        let isAboutHelp = self.words.first == "help"
        if isAboutHelp { self.words.removeFirst() }
        self.descend()
        let asked = self.words.prefix { $0 != "--" }.first { Self.requests.contains($0) }
        // At once after a group's name it is help for the group, not for the subcommand that it stands for.
        if !isAboutHelp, self.isForStandard, asked == nil || asked != self.words.first,
            let standard = self.command.standard
        {
            self.enter(standard)
        }
        // Whoever asks for help gets it, whatever else is on the line.
        if let asked { return asked == Self.version ? .version : self.help }
        guard !isAboutHelp, self.command.run != nil else {
            guard let word = self.words.first else { return self.help }
            throw self.isOption(word) ? self.unknown(word) : self.unexpected(word)
        }
        try self.takeWords()
        return .run(self.command, self.arguments)
    }

    /// A word that is no option names a subcommand, and there is none of that name.
    private var isForStandard: Bool {
        self.words.first.map { self.isOption($0) } ?? true
    }

    private static let version = "--version"
    /// What every command understands.
    private static let requests = ["--help", "-h", Self.version]

    private var help: Result { .help(self.command, path: self.path) }

    /// Follows names of subcommands as far as they go.
    private mutating func descend() {
        while let word = self.words.first, self.command.subcommand(word) != nil {
            self.words.removeFirst()
            self.enter(word)
        }
    }

    private mutating func enter(_ name: String) {
        guard let next = self.command.subcommand(name) else { preconditionFailure("there is a command '\(name)'") }
        self.command = next
        self.path.append(name)
    }

    private mutating func takeWords() throws(UsageError) {
        self.places = self.command.parameters.filter { $0.kind == .argument }[...]
        var isLiteral = false
        while let word = self.words.popFirst() {
            if !isLiteral, word == "--" {
                isLiteral = true
            } else if !isLiteral, self.isOption(word) {
                try self.takeOption(word)
            } else {
                try self.takeArgument(word)
            }
        }
        if let missing = self.places.first {
            throw self.error("Missing expected argument '\(missing.text)'", about: missing)
        }
    }

    private func isOption(_ word: String) -> Bool {
        word.hasPrefix("-") && word != "-"
    }

    private mutating func takeArgument(_ word: String) throws(UsageError) {
        guard let place = self.places.popFirst() else { throw self.unexpected(word) }
        self.arguments.add(place, word)
    }

    private mutating func takeOption(_ word: String) throws(UsageError) {
        let sign = word.firstIndex(of: "=")
        let name = sign.map { String(word[..<$0]) } ?? word
        let given = sign.map { String(word[word.index(after: $0)...]) }
        guard let parameter = self.command.parameters.first(where: { $0.spellings.contains(name) }) else {
            throw self.unknown(name)
        }
        if case .flag = parameter.kind {
            guard given == nil else { throw self.error("'\(name)' takes no value", about: parameter) }
            try self.takeFlag(parameter, name == "--\(parameter.name)")
        } else {
            try self.takeValue(parameter, given)
        }
    }

    private mutating func takeFlag(_ flag: Parameter, _ isSet: Bool) throws(UsageError) {
        if let before = self.arguments.flag(flag), before != isSet {
            throw self.error("'\(flag.text)': only one of the two can be said", about: flag)
        }
        self.arguments.add(flag, isSet)
    }

    private mutating func takeValue(_ option: Parameter, _ given: String?) throws(UsageError) {
        var value = given
        // Of a word that looks like an option, more likely the value was forgotten; `=` says that it was not.
        if value == nil, let next = self.words.first, !self.isOption(next) {
            value = self.words.removeFirst()
        }
        guard let value else { throw self.error("Missing value for '\(option.text)'", about: option) }
        guard option.value.accepts(value) else {
            throw self.error("The value '\(value)' is invalid for '\(option.text)'", about: option)
        }
        self.arguments.add(option, value)
    }
}

// MARK: - Errors
extension CommandLineParser {
    private func error(_ message: String, about parameter: Parameter? = nil) -> UsageError {
        UsageError(message: message, parameter: parameter, command: self.command, path: self.path)
    }

    private func unexpected(_ word: String) -> UsageError {
        let names = self.command.subcommands.map(\.name)
        return self.error("Unexpected argument '\(word)'\(Suggestion.text(for: word, among: names))")
    }

    private func unknown(_ word: String) -> UsageError {
        let name = String(word.prefix { $0 != "=" })
        let known = self.command.parameters.flatMap(\.spellings) + Self.requests
        return self.error("Unknown option '\(name)'\(Suggestion.text(for: name, among: known))")
    }
}
