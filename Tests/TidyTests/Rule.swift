import Testing

/// A place that breaks a rule.
struct Violation: Equatable, Comparable, CustomStringConvertible {
    let path: String
    /// Counted from 1; 0 where the whole file is meant.
    let line: Int
    /// What is wrong there and what to do.
    let message: String

    var description: String { "\(self.path):\(self.line): \(self.message)" }

    static func < (lhs: Violation, rhs: Violation) -> Bool {
        (lhs.path, lhs.line, lhs.message) < (rhs.path, rhs.line, rhs.message)
    }
}

/// Something that holds for the files of the repository. A rule sees the files only, so that a few lines of text test it.
struct Rule: Sendable, CustomTestStringConvertible {
    let name: String
    let check: @Sendable ([SourceFile]) -> [Violation]

    var testDescription: String { self.name }

    static let all: [Rule] =
        Rule.imports + Rule.sizes + Rule.safety + Rule.prose + Rule.tests + Rule.layout + [.composition]
}

extension Rule {
    /// A rule that looks at one file at a time.
    init(_ name: String, file check: @escaping @Sendable (SourceFile) -> [Violation]) {
        self.init(name: name) { $0.flatMap(check) }
    }
}
