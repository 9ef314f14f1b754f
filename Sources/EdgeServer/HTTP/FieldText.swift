import Glibc

/// Checks and comparisons of header text, eight bytes at a time where that pays.
enum FieldText {
    /// Whether a field value has none of the characters that RFC 9110 forbids there: controls other than tab.
    static func isValidValue(_ text: UnsafeRawBufferPointer) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var index = 0
        while index &+ 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let belowSpace = (word &- ones &* 0x20) & ~word & tops
            let flipped = word ^ (ones &* 0x7f)
            let delete = (flipped &- ones) & ~flipped & tops
            if belowSpace | delete != 0 {
                let piece = UnsafeRawBufferPointer(rebasing: text[index..<index &+ 8])
                guard Self.isValidValueBytewise(piece) else { return false }
            }
            index &+= 8
        }
        return Self.isValidValueBytewise(UnsafeRawBufferPointer(rebasing: text[index...]))
    }

    private static func isValidValueBytewise(_ text: UnsafeRawBufferPointer) -> Bool {
        for byte in text where (byte < 0x20 && byte != 0x09) || byte == 0x7f {
            return false
        }
        return true
    }

    /// The text without the spaces and tabs around it.
    static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var (start, end) = (0, text.count)
        while start < end, Self.isBlank(text[start]) { start &+= 1 }
        while end > start, Self.isBlank(text[end &- 1]) { end &-= 1 }
        return UnsafeRawBufferPointer(rebasing: text[start..<end])
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }

    /// Whether `text` is `lowerCase` but for the case of its letters.
    static func equals(_ text: UnsafeRawBufferPointer, _ lowerCase: StaticString) -> Bool {
        guard text.count == lowerCase.utf8CodeUnitCount else { return false }
        for index in 0..<text.count {
            let byte = text[index]
            let lowered = byte &- 0x41 < 26 ? byte | 0x20 : byte
            if lowered != lowerCase.utf8Start[index] { return false }
        }
        return true
    }

    /// Calls `body` with each element of a comma-separated list, blanks around it removed, empty ones left out.
    static func forEachElement(of list: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        for element in list.split(separator: UInt8(ascii: ",")) {
            let text = Self.trimmed(UnsafeRawBufferPointer(rebasing: element))
            if !text.isEmpty { body(text) }
        }
    }

    /// Where `byte` first occurs.
    @inline(__always)
    static func firstIndex(of byte: UInt8, in text: UnsafeRawBufferPointer) -> Int? {
        guard let base = text.baseAddress, let found = memchr(base, Int32(byte), text.count) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Whether `text` is exactly `expected`.
    static func equalsExactly(_ text: UnsafeRawBufferPointer, _ expected: StaticString) -> Bool {
        guard text.count == expected.utf8CodeUnitCount else { return false }
        guard let base = text.baseAddress else { return true }
        return memcmp(base, expected.utf8Start, text.count) == 0
    }

    /// Whether `text` begins with `lowerCase`, but for the case of its letters.
    static func hasPrefix(_ text: UnsafeRawBufferPointer, _ lowerCase: StaticString) -> Bool {
        let count = lowerCase.utf8CodeUnitCount
        return text.count >= count && Self.equals(UnsafeRawBufferPointer(rebasing: text[..<count]), lowerCase)
    }
}
