import Glibc

/// Something that a command line may say to a command.
struct Parameter: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// `--name VALUE` or `--name=VALUE`.
        case option
        /// `--name`, and `--no-name` where it has an opposite.
        case flag(hasOpposite: Bool)
        /// A word by its place; it must be there.
        case argument
    }

    enum Value: Sendable, Equatable {
        /// Not empty: a variable of the shell that is not set is no name.
        case text
        /// May be empty.
        case content
        case integer
        /// Not negative, of 64 bits.
        case natural
        /// The number of a process.
        case process
        case number

        func accepts(_ text: String) -> Bool {
            switch self {
            case .text: !text.isEmpty
            case .content: true
            case .integer: Int(text) != nil
            case .natural: UInt64(text) != nil
            case .process: pid_t(text) != nil
            case .number: Double(text)?.isFinite == true
            }
        }
    }

    /// As it is spelled, without dashes.
    let name: String
    let kind: Kind
    let value: Value
    let help: String
    /// What holds where the line does not say.
    let standard: String?
    /// Whether it may be said several times; of another option the last counts.
    let isRepeated: Bool

    static func option(
        _ name: String,
        _ help: String,
        _ value: Value = .text,
        standard: String? = nil,
        isRepeated: Bool = false
    ) -> Parameter {
        if let standard { precondition(value.accepts(standard)) }
        return Parameter(
            name: name,
            kind: .option,
            value: value,
            help: help,
            standard: standard,
            isRepeated: isRepeated
        )
    }

    static func flag(_ name: String, _ help: String, hasOpposite: Bool = false) -> Parameter {
        Parameter(
            name: name,
            kind: .flag(hasOpposite: hasOpposite),
            value: .content,
            help: help,
            standard: nil,
            isRepeated: false
        )
    }

    static func argument(_ name: String, _ help: String) -> Parameter {
        Parameter(name: name, kind: .argument, value: .content, help: help, standard: nil, isRepeated: false)
    }

    /// The words that begin it on a line, none for an argument.
    var spellings: [String] {
        switch self.kind {
        case .option, .flag(hasOpposite: false): ["--\(self.name)"]
        case .flag(hasOpposite: true): ["--\(self.name)", "--no-\(self.name)"]
        case .argument: []
        }
    }

    /// For help and errors: `--listen <listen>`, `--parent/--no-parent`, `<key>`.
    var text: String {
        switch self.kind {
        case .option: "--\(self.name) <\(self.name)>"
        case .flag: self.spellings.joined(separator: "/")
        case .argument: "<\(self.name)>"
        }
    }
}
