import EdgeIsolate
import Glibc

/// The id of one request: 128 random bits, never from an image. Its text is 32 hex digits.
public struct RequestID: Sendable, Hashable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    static let textLength = 32

    public var description: String {
        String(unsafeUninitializedCapacity: Self.textLength) { text in
            self.write(into: UnsafeMutableRawBufferPointer(text))
            return Self.textLength
        }
    }

    /// Writes the text into so many bytes.
    func write(into text: UnsafeMutableRawBufferPointer) {
        precondition(text.count >= Self.textLength)
        for index in 0..<16 {
            let shift = UInt64(60 - 4 * index)
            text[index] = Self.digit(self.high >> shift)
            text[index + 16] = Self.digit(self.low >> shift)
        }
    }

    /// Writes the text as a string value, without making a `String`.
    func write(to writer: inout MessageWriter) {
        withUnsafeTemporaryAllocation(byteCount: Self.textLength, alignment: 1) { text in
            self.write(into: text)
            writer.write(UnsafeRawBufferPointer(text))
        }
    }

    /// Appends the text.
    func append(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: Self.textLength, alignment: 1) { text in
            self.write(into: text)
            bytes.append(contentsOf: text)
        }
    }

    private static func digit(_ bits: UInt64) -> UInt8 {
        let nibble = UInt8(truncatingIfNeeded: bits & 15)
        return nibble < 10 ? nibble + UInt8(ascii: "0") : nibble - 10 + UInt8(ascii: "a")
    }
}

/// Makes request ids from the system's random numbers, taken many at a time; a lane owns its generator.
struct RequestIDGenerator: ~Copyable {
    private static let wordCount = 512

    private let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: Self.wordCount)
    /// Words that have been given out.
    private var used = Self.wordCount

    deinit {
        self.words.deallocate()
    }

    mutating func next() -> RequestID {
        if self.used == self.words.count { self.refill() }
        let id = RequestID(high: self.words[self.used], low: self.words[self.used + 1])
        self.used += 2
        return id
    }

    private mutating func refill() {
        // The system's random numbers, by one call.
        let bytes = UnsafeMutableRawBufferPointer(self.words)
        if let start = bytes.baseAddress { arc4random_buf(start, bytes.count) }
        self.used = 0
    }
}
