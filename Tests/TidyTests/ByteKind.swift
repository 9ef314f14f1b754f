/// What a byte of a source file belongs to.
enum ByteKind: Sendable {
    case code
    case comment
    /// A string or character literal, its quotes included.
    case string
}

/// Walks over the bytes of a file and notes the kind of each. The scanners of the languages are built on it.
struct ByteScanner {
    let bytes: [UInt8]
    private(set) var kinds: [ByteKind]
    private(set) var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        self.kinds = [ByteKind](repeating: .code, count: bytes.count)
    }

    var atEnd: Bool { self.position >= self.bytes.count }

    /// The byte here; 0 at the end.
    var current: UInt8 { self.atEnd ? 0 : self.bytes[self.position] }

    func startsWith(_ text: StaticString, at offset: Int = 0) -> Bool {
        let start = self.position + offset
        guard start + text.utf8CodeUnitCount <= self.bytes.count else { return false }
        var matched = 0
        while matched < text.utf8CodeUnitCount, self.bytes[start + matched] == text.utf8Start[matched] { matched += 1 }
        return matched == text.utf8CodeUnitCount
    }

    /// How often `byte` stands here in a row, from `offset` on.
    func run(of byte: UInt8, at offset: Int = 0) -> Int {
        var end = self.position + offset
        while end < self.bytes.count, self.bytes[end] == byte { end += 1 }
        return end - self.position - offset
    }

    mutating func take(_ count: Int, as kind: ByteKind) {
        let end = min(self.position + count, self.bytes.count)
        while self.position < end {
            self.kinds[self.position] = kind
            self.position += 1
        }
    }

    /// Takes what is left of the line, its line break not included.
    mutating func takeLine(as kind: ByteKind) {
        while !self.atEnd, self.current != UInt8(ascii: "\n") { self.take(1, as: kind) }
    }

    /// Takes everything up to and with `end`; the rest of the file where `end` does not occur.
    mutating func take(through end: StaticString, as kind: ByteKind) {
        while !self.atEnd, !self.startsWith(end) { self.take(1, as: kind) }
        self.take(end.utf8CodeUnitCount, as: kind)
    }

    /// Takes a literal between two `quote`s in which a backslash escapes the next byte. A line break ends it, so that a
    /// quote that is none spoils one line at most.
    mutating func takeQuoted(by quote: UInt8) {
        self.take(1, as: .string)
        while !self.atEnd, self.current != UInt8(ascii: "\n") {
            if self.current == quote { return self.take(1, as: .string) }
            self.take(self.current == UInt8(ascii: "\\") ? 2 : 1, as: .string)
        }
    }
}
