import EdgeRuntime
import Testing

/// One abuse: `Tests/Hostile/NAME.lua`, served as the worker of that name. Its first line says what must come of it:
///
///     -- expect: exceeded_cpu|ok held
///
/// Several outcomes are alternatives. Behind `ok` stands the whole body of the response; without one any body will do.
struct HostileScript: Sendable, CustomTestStringConvertible {
    let name: String
    let expected: Set<Outcome>
    let body: String?

    var testDescription: String { self.name }

    private static let mark = "-- expect: "

    init(name: String, source: String) throws {
        guard let line = source.split(separator: "\n").first, line.hasPrefix(Self.mark) else {
            throw HostileError("\(name).lua: the first line is no '\(Self.mark)OUTCOME'")
        }
        var expected: Set<Outcome> = []
        var body: String?
        for alternative in line.dropFirst(Self.mark.count).split(separator: "|") {
            let words = alternative.split(separator: " ", maxSplits: 1).map(String.init)
            guard let outcome = Outcome(rawValue: words[0]), outcome == .ok || words.count == 1 else {
                throw HostileError("\(name).lua: '\(alternative)' is no outcome")
            }
            expected.insert(outcome)
            if words.count == 2 { body = words[1] }
        }
        self.name = name
        self.expected = expected
        self.body = body
    }
}

/// What went wrong in a run of the suite itself, or in an answer.
struct HostileError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
