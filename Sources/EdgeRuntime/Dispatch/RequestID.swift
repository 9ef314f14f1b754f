import EdgeIsolate
import Glibc

/// The id of one request: 128 random bits, never from an image. Its text is 32 hex digits.
public struct RequestID: Sendable, Hashable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    public var description: String {
        String(unsafeUninitializedCapacity: 32) { text in
            self.hex { text[$0] = $1 }
            return 32
        }
    }

    /// Writes the text as a string value, without making a `String`.
    func write(to writer: inout MessageWriter) {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 1) { text in
            self.hex { text[$0] = $1 }
            writer.write(UnsafeRawBufferPointer(text))
        }
    }

    /// Appends the text.
    func append(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { text in
            self.hex { text[$0] = $1 }
            bytes.append(contentsOf: text)
        }
    }

    private func hex(_ put: (_ index: Int, _ digit: UInt8) -> Void) {
        for index in 0..<16 {
            let shift = UInt64(60 - 4 * index)
            put(index, Self.digit(self.high >> shift))
            put(index + 16, Self.digit(self.low >> shift))
        }
    }

    private static func digit(_ bits: UInt64) -> UInt8 {
        let nibble = UInt8(truncatingIfNeeded: bits & 15)
        return nibble < 10 ? nibble + UInt8(ascii: "0") : nibble - 10 + UInt8(ascii: "a")
    }
}

/// Makes request ids from the system's random numbers, taken many at a time; a lane owns its generator.
struct RequestIDGenerator {
    private var pool: [UInt64] = []
    private static let poolWords = 512

    mutating func next() -> RequestID {
        if self.pool.isEmpty {
            self.refill()
        }
        let low = self.pool.removeLast()
        return RequestID(high: self.pool.removeLast(), low: low)
    }

    private mutating func refill() {
        self.pool = [UInt64](repeating: 0, count: Self.poolWords)
        self.pool.withUnsafeMutableBytes { bytes in
            // 256 bytes are what one call gives at most.
            for start in stride(from: 0, to: bytes.count, by: 256) {
                while getentropy(bytes.baseAddress?.advanced(by: start), 256) != 0 {}
            }
        }
    }
}
