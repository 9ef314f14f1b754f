/// Reads the lines under `>>> METHOD TARGET [VERSION]`.
struct RequestSection {
    private let section: FixtureSection
    private var request = FixtureRequest(method: "", target: "")
    private var times = 1
    private var repetitions = 1
    private var isEscaped = false
    private var hasNetworkLines = false

    init(_ section: FixtureSection) {
        self.section = section
    }

    consuming func read(_ line: String) throws(FixtureError) -> (request: FixtureRequest, times: Int) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 2 || words.count == 3 else {
            throw FixtureError("a request is '>>> METHOD TARGET [VERSION]'", line: self.section.line)
        }
        self.request.method = words[0]
        self.request.target = words[1]
        if words.count == 3 { self.request.version = words[2] }
        for (number, text) in self.section.head {
            if text.hasPrefix("@") {
                try self.direct(text, line: number)
            } else {
                self.request.headers.append(try HeaderLine.read(text, line: number))
            }
        }
        if let body = self.section.body {
            self.request.body = try self.bytes(body)
        }
        return (self.request, self.times)
    }

    private func bytes(_ text: String) throws(FixtureError) -> [UInt8] {
        var bytes = self.isEscaped ? try Escapes.decode(text, line: self.section.line) : Array(text.utf8)
        if self.hasNetworkLines {
            bytes = bytes.flatMap { $0 == 10 ? [13, 10] : [$0] } + [13, 10]
        }
        return Array(repeatElement(bytes, count: self.repetitions).joined())
    }

    private mutating func direct(_ text: Substring, line: Int) throws(FixtureError) {
        let words = text.split(separator: " ").map(String.init)
        let amount = words.count == 2 ? Int(words[1]) : nil
        switch (words[0], amount) {
        case ("@escaped", nil): self.isEscaped = true
        case ("@crlf", nil): self.hasNetworkLines = true
        case ("@chunked", .some(let bytes)) where bytes > 0: self.request.chunkBytes = bytes
        case ("@repeat", .some(let count)) where count > 0: self.repetitions = count
        case ("@times", .some(let count)) where count > 0: self.times = count
        default: throw FixtureError("'\(text)' is no directive of a request", line: line)
        }
    }
}

/// Reads the lines under `<<< STATUS`.
struct ResponseSection {
    private let section: FixtureSection
    private var expected = ExpectedResponse()
    private var isEscaped = false
    private var isJSON = false

    init(_ section: FixtureSection) {
        self.section = section
    }

    consuming func read(_ status: String) throws(FixtureError) -> ExpectedResponse {
        guard let status = Int(status) else { throw FixtureError("a status is a number", line: self.section.line) }
        self.expected.status = status
        for (number, text) in self.section.head {
            if text.hasPrefix("@") {
                try self.direct(text, line: number)
            } else if text.hasPrefix("!") {
                self.expected.headers.append(.absent(name: text.dropFirst().lowercased()))
            } else {
                let (name, value) = try HeaderLine.read(text, line: number)
                self.expected.headers.append(.value(name: name.lowercased(), TextPattern(value)))
            }
        }
        if let body = self.section.body {
            guard case .anything = self.expected.body else {
                throw FixtureError("a body stands beside @empty or @length", line: self.section.line)
            }
            self.expected.body = try self.body(body)
        }
        return self.expected
    }

    private func body(_ text: String) throws(FixtureError) -> ExpectedResponse.Body {
        if self.isEscaped { return .bytes(try Escapes.decode(text, line: self.section.line)) }
        guard self.isJSON else { return .text(TextPattern(text)) }
        guard let json = JSONText.canonical(Array(text.utf8)) else {
            throw FixtureError("the body is no JSON", line: self.section.line)
        }
        return .json(json)
    }

    private mutating func direct(_ text: Substring, line: Int) throws(FixtureError) {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        let rest = words.count == 2 ? words[1] : ""
        switch words[0] {
        case "@escaped": self.isEscaped = true
        case "@json": self.isJSON = true
        case "@empty": self.expected.body = .bytes([])
        case "@broken": self.expected.isBroken = true
        case "@outcome": self.expected.outcome = rest
        case "@failure": self.expected.failure = TextPattern(rest)
        case "@log": self.expected.log = (self.expected.log ?? []) + (rest.isEmpty ? [] : [TextPattern(rest)])
        case "@length":
            guard let length = Int(rest) else { throw FixtureError("@length needs a number", line: line) }
            self.expected.body = .length(length)
        default: throw FixtureError("'\(text)' is no directive of a response", line: line)
        }
    }
}

/// A line `name: value`.
enum HeaderLine {
    static func read(_ text: Substring, line: Int) throws(FixtureError) -> (name: String, value: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw FixtureError("'\(text)' is no header field 'name: value'", line: line)
        }
        return (String(parts[0]), String(parts[1].drop { $0 == " " }))
    }
}
