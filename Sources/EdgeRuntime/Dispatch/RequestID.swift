import Glibc

/// Makes request ids: 128 random bits each, as hex. Never from an image; a lane owns its generator.
struct RequestIDGenerator {
    private var pool: [UInt8] = []
    private static let poolBytes = 4096
    private static let hexDigits = Array("0123456789abcdef".utf8)

    mutating func next() -> String {
        if self.pool.count < 16 {
            self.refill()
        }
        let bytes = self.pool.suffix(16)
        let id = String(unsafeUninitializedCapacity: 32) { text in
            var index = 0
            for byte in bytes {
                text[index] = Self.hexDigits[Int(byte >> 4)]
                text[index + 1] = Self.hexDigits[Int(byte & 15)]
                index += 2
            }
            return 32
        }
        self.pool.removeLast(16)
        return id
    }

    private mutating func refill() {
        self.pool = [UInt8](unsafeUninitializedCapacity: Self.poolBytes) { buffer, count in
            while let rest = buffer.baseAddress?.advanced(by: count), count < Self.poolBytes {
                // 256 bytes are what one call gives at most.
                let wanted = min(256, Self.poolBytes - count)
                count += getentropy(rest, wanted) == 0 ? wanted : 0
            }
        }
    }
}
