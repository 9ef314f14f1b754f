import Glibc

extension UnsafeRawBufferPointer {
    /// Whether the bytes are exactly this text.
    func equals(_ text: StaticString) -> Bool {
        guard let start = self.baseAddress, self.count == text.utf8CodeUnitCount else {
            return self.isEmpty && text.utf8CodeUnitCount == 0
        }
        return memcmp(start, text.utf8Start, self.count) == 0
    }

    /// Whether the bytes are this lower-case text but for the case of their letters.
    func equalsIgnoringCase(_ lowerCase: StaticString) -> Bool {
        guard self.count == lowerCase.utf8CodeUnitCount else { return false }
        for (index, byte) in self.enumerated() {
            let lowered = byte &- 0x41 < 26 ? byte | 0x20 : byte
            if lowered != lowerCase.utf8Start[index] { return false }
        }
        return true
    }
}
