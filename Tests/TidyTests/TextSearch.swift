import Glibc

/// Searches in the bytes of a file, line numbers counted from 1.
enum TextSearch {
    static func isIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF:
            true
        default: false
        }
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
            || byte == UInt8(ascii: "\r")
    }

    /// The offsets at which `needle` stands as words of its own: where it begins or ends like an identifier, no
    /// identifier goes on before or after it.
    static func offsets(of needle: String, in text: [UInt8]) -> [Int] {
        let needle = Array(needle.utf8)
        guard let first = needle.first, let last = needle.last else { return [] }
        return self.allOffsets(of: needle, in: text).filter { start in
            let end = start + needle.count
            let joinedBefore = start > 0 && self.isIdentifier(first) && self.isIdentifier(text[start - 1])
            let joinedAfter = end < text.count && self.isIdentifier(last) && self.isIdentifier(text[end])
            return !joinedBefore && !joinedAfter
        }
    }

    /// The offsets of `needle` anywhere; by libc, since these tests run unoptimised over every byte of the tree.
    private static func allOffsets(of needle: [UInt8], in text: [UInt8]) -> [Int] {
        text.withUnsafeBytes { bytes in
            var offsets: [Int] = []
            guard let base = bytes.baseAddress else { return offsets }
            var start = 0
            while start + needle.count <= bytes.count,
                let found = memchr(base + start, Int32(needle[0]), bytes.count - start - needle.count + 1)
            {
                start = base.distance(to: UnsafeRawPointer(found))
                if memcmp(found, needle, needle.count) == 0 { offsets.append(start) }
                start += 1
            }
            return offsets
        }
    }

    /// The lines on which `needle` stands as words of its own, each once.
    static func lines(of needle: String, in text: [UInt8]) -> [Int] {
        var lines: [Int] = []
        for line in self.offsets(of: needle, in: text).map({ self.line(of: $0, in: text) }) where lines.last != line {
            lines.append(line)
        }
        return lines
    }

    static func line(of offset: Int, in text: [UInt8]) -> Int {
        1 + self.allOffsets(of: [UInt8(ascii: "\n")], in: text).count { $0 < offset }
    }

    /// The lines of a text, without their line breaks.
    static func lines(of text: [UInt8]) -> [String] {
        text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The identifier that ends just before `offset`, blanks between skipped; empty where there is none.
    static func word(before offset: Int, in text: [UInt8]) -> String {
        var end = offset
        while end > 0, self.isBlank(text[end - 1]) { end -= 1 }
        var start = end
        while start > 0, self.isIdentifier(text[start - 1]) { start -= 1 }
        return String(decoding: text[start..<end], as: UTF8.self)
    }
}
