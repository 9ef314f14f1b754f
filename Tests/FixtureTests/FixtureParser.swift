/// Reads the text of a `.worker` file. A mistake in it is an error with its line.
struct FixtureParser {
    private var fixture = Fixture()
    private var changes: [Fixture.FileChange] = []
    private var changesLine = 1

    static func parse(_ text: String) throws(FixtureError) -> Fixture {
        var parser = FixtureParser()
        for section in FixtureSection.cut(text) {
            try parser.add(section)
        }
        parser.load(diagnostics: [])
        guard !parser.fixture.steps.isEmpty else { throw FixtureError("the fixture has no scripts") }
        return parser.fixture
    }

    private mutating func add(_ section: FixtureSection) throws(FixtureError) {
        switch section.kind {
        case .settings:
            for (index, line) in section.lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
                try self.set(line, line: index + 1)
            }
        case .file(let name):
            if self.changes.isEmpty { self.changesLine = section.line }
            self.changes.append(try Self.change(name, section))
        case .diagnostics:
            guard !self.changes.isEmpty else { throw FixtureError("diagnostics follow files", line: section.line) }
            self.load(diagnostics: section.lines.filter { !$0.isEmpty }.map { TextPattern(String($0)) })
        case .request(let line):
            self.load(diagnostics: [])
            let (request, times) = try RequestSection(section).read(line)
            self.fixture.steps.append(
                .exchange(Fixture.Exchange(line: section.line, request: request, times: times))
            )
        case .response(let status):
            guard case .exchange(var exchange)? = self.fixture.steps.popLast() else {
                throw FixtureError("a response follows a request", line: section.line)
            }
            exchange.expected = try ResponseSection(section).read(status)
            self.fixture.steps.append(.exchange(exchange))
        }
    }

    private mutating func load(diagnostics: [TextPattern]) {
        guard !self.changes.isEmpty else { return }
        self.fixture.steps.append(.load(self.changes, diagnostics: diagnostics, line: self.changesLine))
        self.changes = []
    }

    private static func change(_ name: String, _ section: FixtureSection) throws(FixtureError) -> Fixture.FileChange {
        let words = name.split(separator: " ").map(String.init)
        switch words.dropFirst().first {
        case nil: return Fixture.FileChange(path: words[0], content: Array(section.text.utf8))
        case "deleted": return Fixture.FileChange(path: words[0], content: nil)
        case "escaped":
            let content = try Escapes.decode(String(section.text.dropLast()), line: section.line)
            return Fixture.FileChange(path: words[0], content: content)
        case .some(let word): throw FixtureError("'\(word)' is not 'deleted' or 'escaped'", line: section.line)
        }
    }

    private mutating func set(_ line: Substring, line number: Int) throws(FixtureError) {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        let amount = words.count > 1 ? Int(words[1]) : nil
        switch (words[0], words.count) {
        case ("@development", 1): self.fixture.settings.isDevelopment = true
        case ("@secret", 3): self.fixture.settings.secrets[words[1]] = words[2]
        case ("@isolates", 2) where amount != nil: self.fixture.settings.isolates = amount
        case ("@body_limit", 2) where amount != nil: self.fixture.settings.bodyLimit = amount
        case ("@startup_ms", 2) where amount != nil: self.fixture.settings.startupMilliseconds = amount
        case ("@startup_mb", 2) where amount != nil: self.fixture.settings.startupMegabytes = amount
        case ("@only", 2):
            guard let transport = Transport(rawValue: words[1]) else {
                throw FixtureError("'\(words[1])' is not dispatcher or socket", line: number)
            }
            self.fixture.settings.transport = transport
        default: throw FixtureError("'\(line)' is no setting", line: number)
        }
    }
}

/// Backslash escapes: `\r`, `\n`, `\t`, `\\` and `\xHH`.
enum Escapes {
    static func decode(_ text: String, line: Int) throws(FixtureError) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "x"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else {
                    throw FixtureError("\\x needs two hexadecimal digits", line: line)
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: throw FixtureError("the escapes are \\r, \\n, \\t, \\\\ and \\xHH", line: line)
            }
        }
        return bytes
    }
}
