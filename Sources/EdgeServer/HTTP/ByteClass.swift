/// A set of ASCII characters, as two words that fit into registers.
struct ByteClass {
    private let low: UInt64
    private let high: UInt64

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word = byte & 0x40 == 0 ? self.low : self.high
        return byte < 0x80 && (word &>> UInt64(byte & 0x3f)) & 1 == 1
    }

    @inline(__always)
    func containsAll(_ text: UnsafeRawBufferPointer) -> Bool {
        for byte in text where !self.contains(byte) {
            return false
        }
        return true
    }

    /// RFC 9110 `tchar`: letters, digits and ``!#$%&'*+-.^_`|~``.
    static var token: ByteClass { ByteClass(low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe) }
    /// Visible ASCII but `#`: what a request target may be made of.
    static var target: ByteClass { ByteClass(low: 0xffff_fff6_0000_0000, high: 0x7fff_ffff_ffff_ffff) }
    /// RFC 3986 `unreserved` and `sub-delims`; `%` is looked at separately.
    static var registeredName: ByteClass { ByteClass(low: 0x2bff_7fd2_0000_0000, high: 0x47ff_fffe_87ff_fffe) }
    static var hexDigit: ByteClass { ByteClass(low: 0x03ff_0000_0000_0000, high: 0x0000_007e_0000_007e) }
    static var digit: ByteClass { ByteClass(low: 0x03ff_0000_0000_0000, high: 0) }
    /// What an IPv6 address between brackets is made of.
    static var addressLiteral: ByteClass { ByteClass(low: 0x07ff_4000_0000_0000, high: 0x0000_007e_0000_007e) }
}
