/// The text of a counter: an optional '-' and decimal digits.
enum DecimalInteger {
    /// - Throws: `notANumber`, also for a number beyond 64 bits.
    static func parse(_ bytes: UnsafeRawBufferPointer) throws(KVError) -> Int64 {
        let mistake = KVError(.notANumber, "the stored value is no decimal 64-bit integer, so it cannot be incremented")
        // 20 bytes hold every canonical Int64; the bound keeps a 25 MiB run of zeros from being parsed.
        guard (1...20).contains(bytes.count), let first = bytes.first, first != UInt8(ascii: "+") else {
            throw mistake
        }
        guard let value = Int64(String(decoding: bytes, as: UTF8.self)) else {
            throw mistake
        }
        return value
    }
}
