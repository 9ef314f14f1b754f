/// One thing that was tried inside the sandbox, and what became of it.
struct SandboxCheck: Sendable, Equatable {
    enum Expectation: String, Sendable {
        case denied
        case allowed
        /// The kernel ends the process.
        case ended
    }

    /// Without tabs and line ends.
    var what: String
    var expected: Expectation
    var got: String
    var isAsExpected: Bool

    /// A line for the process that prints.
    var record: String {
        [self.what, self.expected.rawValue, self.got, self.isAsExpected ? "1" : "0"].joined(separator: "\t") + "\n"
    }

    init(_ what: String, _ expected: Expectation, got: String, _ isAsExpected: Bool) {
        self.what = what
        self.expected = expected
        self.got = got
        self.isAsExpected = isAsExpected
    }

    /// Reads a ``record``.
    init?(record: Substring) {
        let fields = record.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 4, let expected = Expectation(rawValue: String(fields[1])) else { return nil }
        self.init(String(fields[0]), expected, got: String(fields[2]), fields[3] == "1")
    }

    var json: String {
        "{\"what\":\(Self.quoted(self.what)),\"expected\":\"\(self.expected.rawValue)\",\"got\":\(Self.quoted(self.got)),"
            + "\"ok\":\(self.isAsExpected)}"
    }

    static func quoted(_ text: String) -> String {
        let parts = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case _ where scalar.value < 0x20: " "
            default: String(scalar)
            }
        }
        return "\"\(parts.joined())\""
    }
}
