/// A text to compare with: exact, or after `~` with `*` for any run of characters, line breaks too.
struct TextPattern: Sendable, CustomStringConvertible {
    let description: String
    /// The literal parts between the stars; one part for an exact text.
    private let parts: [[UInt8]]

    init(_ text: String) {
        self.description = text
        if text.hasPrefix("~") {
            self.parts = text.utf8.dropFirst().split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
                .map { Array($0) }
        } else {
            self.parts = [Array(text.utf8)]
        }
    }

    func matches(_ text: String) -> Bool {
        self.matches(Array(text.utf8))
    }

    /// The earliest place of each part leaves the most room for the next one, so no place needs to be tried twice.
    func matches(_ text: [UInt8]) -> Bool {
        guard self.parts.count > 1 else { return text == self.parts[0] }
        let (first, last) = (self.parts[0], self.parts[self.parts.count - 1])
        guard text.count >= first.count + last.count, text.starts(with: first), text.suffix(last.count) == last[...]
        else { return false }
        var rest = text[first.count..<(text.count - last.count)]
        for part in self.parts.dropFirst().dropLast() where !part.isEmpty {
            guard let place = Self.find(part, in: rest) else { return false }
            rest = rest[(place + part.count)...]
        }
        return true
    }

    private static func find(_ part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard text.count >= part.count else { return nil }
        return (text.startIndex...(text.endIndex - part.count)).first { text[$0...].starts(with: part) }
    }
}
