import EdgeRuntime

/// The parts of a request line, as pieces of the line.
struct RequestLine {
    var method: UnsafeRawBufferPointer
    var target: UnsafeRawBufferPointer
    var minorVersion: UInt8

    /// Takes `METHOD SP target SP HTTP/1.x` apart. Exactly one space stands between the parts.
    init(_ line: UnsafeRawBufferPointer) throws(HTTPRequestError) {
        guard let methodEnd = FieldText.firstIndex(of: 0x20, in: line) else {
            throw HTTPRequestError(ByteClass.token.containsAll(line) ? .malformedRequestLine : .invalidMethod)
        }
        self.method = UnsafeRawBufferPointer(rebasing: line[..<methodEnd])
        guard !self.method.isEmpty, ByteClass.token.containsAll(self.method) else {
            throw HTTPRequestError(.invalidMethod)
        }
        let rest = UnsafeRawBufferPointer(rebasing: line[(methodEnd + 1)...])
        guard let targetEnd = FieldText.firstIndex(of: 0x20, in: rest) else {
            throw HTTPRequestError(.malformedRequestLine)
        }
        self.target = UnsafeRawBufferPointer(rebasing: rest[..<targetEnd])
        let version = UnsafeRawBufferPointer(rebasing: rest[(targetEnd + 1)...])
        self.minorVersion = try Self.parseVersion(version)
        guard !FieldText.equalsExactly(self.method, "CONNECT") else { throw HTTPRequestError(.unsupportedMethod) }
        guard !self.target.isEmpty, ByteClass.target.containsAll(self.target) else {
            throw HTTPRequestError(.invalidTarget)
        }
    }

    /// A minor version above the one implemented is processed as that (RFC 9110, 2.5).
    private static func parseVersion(_ text: UnsafeRawBufferPointer) throws(HTTPRequestError) -> UInt8 {
        guard text.count == 8,
            FieldText.equalsExactly(UnsafeRawBufferPointer(rebasing: text[..<5]), "HTTP/"),
            ByteClass.digit.contains(text[5]), text[6] == UInt8(ascii: "."), ByteClass.digit.contains(text[7])
        else { throw HTTPRequestError(.invalidVersion) }
        guard text[5] == UInt8(ascii: "1") else { throw HTTPRequestError(.unsupportedVersion) }
        return min(text[7] &- 0x30, 1)
    }
}
