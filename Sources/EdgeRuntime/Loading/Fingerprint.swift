/// 128 bits that tell one content from another. Equal on every machine and in every run; no protection against an
/// adversary who builds collisions on purpose.
public struct Fingerprint: Sendable, Hashable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    /// 32 hexadecimal digits.
    public var description: String {
        String(unsafeUninitializedCapacity: 32) { digits in
            Self.write(self.high, to: digits, at: 0)
            Self.write(self.low, to: digits, at: 16)
            return 32
        }
    }

    private static func write(_ word: UInt64, to digits: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
        for place in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: word >> (60 - 4 * UInt64(place)) & 15)
            digits[start + place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
        }
    }
}

/// Collects bytes and words into a ``Fingerprint``: two lanes of multiply, xor and rotate over 8-byte words.
///
/// Every addition is prefixed by its length, so that ("a", "bc") and ("ab", "c") differ.
struct FingerprintHasher {
    private static let primeA: UInt64 = 0x9e37_79b1_85eb_ca87
    private static let primeB: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let primeC: UInt64 = 0x1656_67b1_9e37_79f9

    private var laneA: UInt64 = 0x243f_6a88_85a3_08d3
    private var laneB: UInt64 = 0x1319_8a2e_0370_7344

    mutating func add(_ word: UInt64) {
        let mixedA = (self.laneA ^ word) &* Self.primeA
        self.laneA = (mixedA << 31) | (mixedA >> 33)
        let mixedB = (self.laneB &+ word) &* Self.primeB
        self.laneB = ((mixedB << 27) | (mixedB >> 37)) ^ Self.primeC
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        self.add(UInt64(bytes.count))
        var offset = 0
        while offset + 8 <= bytes.count {
            self.add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var tail: UInt64 = 0
        for index in offset..<bytes.count {
            tail = (tail << 8) | UInt64(bytes[index])
        }
        self.add(tail)
    }

    mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { self.add($0) }
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { self.add(UnsafeRawBufferPointer($0)) }
    }

    mutating func add(_ fingerprint: Fingerprint) {
        self.add(fingerprint.high)
        self.add(fingerprint.low)
    }

    func finish() -> Fingerprint {
        Fingerprint(
            high: Self.avalanche(self.laneA ^ (self.laneB &* Self.primeC)),
            low: Self.avalanche(self.laneB &+ (self.laneA &* Self.primeC))
        )
    }

    private static func avalanche(_ word: UInt64) -> UInt64 {
        var word = word
        word = (word ^ (word >> 33)) &* self.primeB
        word = (word ^ (word >> 29)) &* self.primeA
        return word ^ (word >> 32)
    }
}
