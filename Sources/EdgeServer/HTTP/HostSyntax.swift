/// The syntax of an authority without user information: RFC 3986 `host [ ":" port ]`.
enum HostSyntax {
    /// Whether `text` is a registered name, an IPv4 address or a bracketed IPv6 address, with an optional port.
    /// Empty is valid: RFC 9112 lets a client send an empty host field when its target has none.
    static func isValid(_ text: UnsafeRawBufferPointer) -> Bool {
        if text.first == UInt8(ascii: "[") {
            guard let end = FieldText.firstIndex(of: UInt8(ascii: "]"), in: text), end > 2 else { return false }
            let address = UnsafeRawBufferPointer(rebasing: text[1..<end])
            return ByteClass.addressLiteral.containsAll(address)
                && Self.isValidPort(UnsafeRawBufferPointer(rebasing: text[(end + 1)...]))
        }
        let nameEnd = FieldText.firstIndex(of: UInt8(ascii: ":"), in: text) ?? text.count
        let port = UnsafeRawBufferPointer(rebasing: text[nameEnd...])
        guard nameEnd > 0 || port.isEmpty else { return false }
        return Self.isValidName(UnsafeRawBufferPointer(rebasing: text[..<nameEnd])) && Self.isValidPort(port)
    }

    private static func isValidName(_ name: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < name.count {
            if name[index] == UInt8(ascii: "%") {
                guard index + 2 < name.count,
                    ByteClass.hexDigit.contains(name[index + 1]),
                    ByteClass.hexDigit.contains(name[index + 2])
                else { return false }
                index += 3
            } else {
                guard ByteClass.registeredName.contains(name[index]) else { return false }
                index += 1
            }
        }
        return true
    }

    /// `text` is empty or a colon and a number up to 65535; the number may be missing.
    private static func isValidPort(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let colon = text.first else { return true }
        guard colon == UInt8(ascii: ":"), text.count <= 6 else { return false }
        var port = 0
        for byte in text.dropFirst() {
            guard ByteClass.digit.contains(byte) else { return false }
            port = port * 10 + Int(byte - 0x30)
        }
        return port <= 65535
    }
}
