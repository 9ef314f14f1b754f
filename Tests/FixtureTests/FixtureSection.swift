/// A run of lines of a fixture under one marker.
struct FixtureSection {
    enum Kind: Equatable {
        case settings
        /// The rest of the marker's line: a path, and perhaps a word.
        case file(String)
        case request(String)
        case response(String)
        case diagnostics
    }

    var kind: Kind
    /// The number of the marker's line, from 1.
    var line: Int
    var lines: [Substring] = []

    /// Cuts the text of a fixture at its markers.
    static func cut(_ text: String) -> [FixtureSection] {
        var sections = [FixtureSection(kind: .settings, line: 1)]
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        for (index, line) in lines.enumerated() {
            if let kind = Self.marker(line) {
                sections.append(FixtureSection(kind: kind, line: index + 1))
            } else {
                sections[sections.count - 1].lines.append(line)
            }
        }
        return sections
    }

    private static func marker(_ line: Substring) -> Kind? {
        if line.hasPrefix("--- workers/") { return .file(String(line.dropFirst(4))) }
        if line.hasPrefix(">>> ") { return .request(String(line.dropFirst(4))) }
        if line.hasPrefix("<<< ") { return .response(String(line.dropFirst(4))) }
        if line == "=== diagnostics" { return .diagnostics }
        return nil
    }

    /// All lines as text, each with its line break.
    var text: String {
        self.lines.map { $0 + "\n" }.joined()
    }

    /// The lines up to the first blank one, with their numbers: directives and header fields.
    var head: [(line: Int, text: Substring)] {
        self.lines.prefix { !$0.isEmpty }.enumerated().map { (self.line + 1 + $0.offset, $0.element) }
    }

    /// The lines behind the first blank one without the blank ones at their end; nil where there are none.
    var body: String? {
        let rest = self.lines.drop { !$0.isEmpty }.dropFirst()
        guard let end = rest.lastIndex(where: { !$0.isEmpty }) else { return nil }
        return rest[...end].joined(separator: "\n")
    }
}
