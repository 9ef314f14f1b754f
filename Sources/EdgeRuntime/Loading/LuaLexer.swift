/// Splits a Lua script into tokens, well enough to find things in it. Never fails: what Lua itself would refuse becomes a
/// symbol, or ends the script.
struct LuaLexer {
    struct Token {
        enum Kind {
            case name
            /// A quoted string; the range covers its content, escapes undecoded.
            case string
            case number
            /// An operator or bracket; all its bytes.
            case symbol
        }

        let kind: Kind
        let range: Range<Int>
        /// Line number from 1.
        let line: Int
    }

    private let source: [UInt8]
    private var position = 0
    private var line = 1

    init(_ source: [UInt8]) {
        self.source = source
        // A first line that begins with # is for the shell.
        if source.first == UInt8(ascii: "#") { self.skipLine() }
    }

    static func tokens(_ source: [UInt8]) -> [Token] {
        var lexer = LuaLexer(source)
        var tokens: [Token] = []
        while let token = lexer.next() { tokens.append(token) }
        return tokens
    }

    private mutating func next() -> Token? {
        self.skipBlanks()
        guard let byte = self.peek() else { return nil }
        let start = self.position
        let line = self.line
        if SourceName.isDigit(byte) || (byte == UInt8(ascii: ".") && self.peek(1).map(SourceName.isDigit) == true) {
            self.skipNumber()
            return Token(kind: .number, range: start..<self.position, line: line)
        }
        if self.isNameByte(byte) {
            while let byte = self.peek(), self.isNameByte(byte) { self.position += 1 }
            return Token(kind: .name, range: start..<self.position, line: line)
        }
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            return Token(kind: .string, range: self.skipQuoted(byte), line: line)
        }
        if byte == UInt8(ascii: "["), let content = self.skipLongBracket() {
            return Token(kind: .string, range: content, line: line)
        }
        self.skipSymbol(byte)
        return Token(kind: .symbol, range: start..<self.position, line: line)
    }

    private func peek(_ offset: Int = 0) -> UInt8? {
        let index = self.position + offset
        return index < self.source.count ? self.source[index] : nil
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        SourceName.isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    /// Advances over one byte, which may end a line; "\r\n" ends one line, not two.
    private mutating func advance() {
        let byte = self.source[self.position]
        self.position += 1
        if byte == UInt8(ascii: "\n") || (byte == UInt8(ascii: "\r") && self.peek() != UInt8(ascii: "\n")) {
            self.line += 1
        }
    }

    private mutating func skipLine() {
        while let byte = self.peek(), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { self.position += 1 }
    }

    private mutating func skipBlanks() {
        while let byte = self.peek() {
            if byte == UInt8(ascii: " ") || (0x09...0x0d).contains(byte) {
                self.advance()
            } else if byte == UInt8(ascii: "-"), self.peek(1) == UInt8(ascii: "-") {
                self.position += 2
                if self.peek() != UInt8(ascii: "[") || self.skipLongBracket() == nil { self.skipLine() }
            } else {
                return
            }
        }
    }

    private mutating func skipNumber() {
        while let byte = self.peek() {
            let isExponent = [UInt8(ascii: "e"), UInt8(ascii: "p")].contains(byte | 0x20)
            self.position += 1
            if isExponent, self.peek() == UInt8(ascii: "+") || self.peek() == UInt8(ascii: "-") { self.position += 1 }
            guard let next = self.peek(), self.isNameByte(next) || next == UInt8(ascii: ".") else { return }
        }
    }

    private mutating func skipQuoted(_ quote: UInt8) -> Range<Int> {
        self.position += 1
        let start = self.position
        while let byte = self.peek() {
            if byte == quote {
                self.position += 1
                return start..<self.position - 1
            }
            self.advance()
            if byte == UInt8(ascii: "\\"), self.peek() != nil { self.advance() }
        }
        return start..<self.position
    }

    /// `[[...]]` or `[==[...]==]`: its content. Nil, and nothing skipped, when no long bracket opens here.
    private mutating func skipLongBracket() -> Range<Int>? {
        var level = 0
        while self.peek(1 + level) == UInt8(ascii: "=") { level += 1 }
        guard self.peek(1 + level) == UInt8(ascii: "[") else { return nil }
        self.position += level + 2
        let start = self.position
        while let byte = self.peek() {
            if byte == UInt8(ascii: "]"), self.peek(1 + level) == UInt8(ascii: "]"),
                (0..<level).allSatisfy({ self.peek(1 + $0) == UInt8(ascii: "=") })
            {
                let end = self.position
                self.position += level + 2
                return start..<end
            }
            self.advance()
        }
        return start..<self.position
    }

    /// Pairs such as `==` are one symbol, lest their `=` be taken for an assignment.
    private mutating func skipSymbol(_ byte: UInt8) {
        self.position += 1
        let comparisons: [UInt8] = [UInt8(ascii: "="), UInt8(ascii: "~"), UInt8(ascii: "<"), UInt8(ascii: ">")]
        if comparisons.contains(byte), self.peek() == UInt8(ascii: "=") { self.position += 1 }
    }
}
