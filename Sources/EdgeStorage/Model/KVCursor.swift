/// The text form of a place in a listing: hex of a checksum and the last key seen. The checksum covers namespace,
/// prefix and direction, so that a cursor works only for the listing it came from. It guards against mistakes, not
/// malice: a forged cursor can only choose another key under the same prefix.
enum KVCursor {
    static func encode(after key: [UInt8], for request: KVListRequest) -> String {
        var bytes = Self.checksumBytes(key[...], request)
        bytes.append(contentsOf: key)
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            text.append(Self.digits[Int(byte >> 4)])
            text.append(Self.digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String, for request: KVListRequest) throws(KVError) -> [UInt8] {
        let mistake = KVError(
            .invalidCursor,
            "the cursor is none that a listing of this namespace, prefix and direction gave"
        )
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2), digits.count > 16, digits.count <= 2 * (8 + KVLimits.keyBytes) else {
            throw mistake
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.nibble(digits[index]), let low = Self.nibble(digits[index + 1]) else {
                throw mistake
            }
            bytes.append(high << 4 | low)
        }
        let key = bytes[8...]
        guard bytes[..<8].elementsEqual(Self.checksumBytes(key, request)), key.starts(with: request.prefix) else {
            throw mistake
        }
        return Array(key)
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// FNV-1a, 64 bits; the lengths keep `("a", "bc")` and `("ab", "c")` apart.
    private static func checksumBytes(_ key: ArraySlice<UInt8>, _ request: KVListRequest) -> [UInt8] {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ bytes: some Collection<UInt8>) {
            for byte in bytes {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
        }
        mix([request.reverse ? 1 : 0, UInt8(request.namespace.bytes.count)])
        mix(request.namespace.bytes)
        mix([UInt8(request.prefix.count & 0xff), UInt8(request.prefix.count >> 8)])
        mix(request.prefix)
        mix(key)
        return withUnsafeBytes(of: hash.bigEndian) { Array($0) }
    }
}
