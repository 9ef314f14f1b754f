/// What the header fields of a request say about its body, its host and its connection, gathered field by field.
struct MessageFraming {
    /// How the end of the body is found.
    enum Body: Equatable {
        case none
        case fixed(length: Int)
        case chunked
    }

    private(set) var hasHost = false
    private(set) var expectsContinue = false
    private(set) var saysClose = false
    private(set) var saysKeepAlive = false
    private(set) var contentLength: Int?
    private var isChunked = false

    /// Takes note of a field; all but a handful of names are ignored. `name` may be in any case.
    mutating func note(
        name: UnsafeRawBufferPointer,
        value: UnsafeRawBufferPointer
    ) throws(HTTPRequestError) {
        switch name.count {
        case 4 where FieldText.equals(name, "host"):
            guard !self.hasHost else { throw HTTPRequestError(.repeatedHost) }
            guard HostSyntax.isValid(value) else { throw HTTPRequestError(.invalidHost) }
            self.hasHost = true
        case 6 where FieldText.equals(name, "expect"):
            guard FieldText.equals(value, "100-continue") else { throw HTTPRequestError(.unknownExpectation) }
            self.expectsContinue = true
        case 10 where FieldText.equals(name, "connection"):
            self.noteConnection(value)
        case 14 where FieldText.equals(name, "content-length"):
            guard self.contentLength == nil else { throw HTTPRequestError(.repeatedContentLength) }
            self.contentLength = try Self.parseLength(value)
        case 17 where FieldText.equals(name, "transfer-encoding"):
            try self.noteTransferEncoding(value)
        default:
            break
        }
    }

    /// Checks what can be checked only when all fields are there.
    func finish(isHTTP10: Bool, maximumBody: Int) throws(HTTPRequestError) -> Body {
        guard self.hasHost || isHTTP10 else { throw HTTPRequestError(.missingHost) }
        if self.isChunked {
            guard self.contentLength == nil else { throw HTTPRequestError(.conflictingLengths) }
            guard !isHTTP10 else { throw HTTPRequestError(.invalidTransferEncoding) }
            return .chunked
        }
        guard let length = self.contentLength, length > 0 else { return .none }
        guard length <= maximumBody else { throw HTTPRequestError(.bodyTooLarge) }
        return .fixed(length: length)
    }

    private mutating func noteConnection(_ value: UnsafeRawBufferPointer) {
        FieldText.forEachElement(of: value) { option in
            if FieldText.equals(option, "close") { self.saysClose = true }
            if FieldText.equals(option, "keep-alive") { self.saysKeepAlive = true }
        }
    }

    /// Chunked alone is implemented. A list that ends in something else leaves the body without an end, and chunked
    /// twice is forbidden: both are the client's error (RFC 9112, 6.1 and 6.3).
    private mutating func noteTransferEncoding(_ value: UnsafeRawBufferPointer) throws(HTTPRequestError) {
        guard !self.isChunked else { throw HTTPRequestError(.invalidTransferEncoding) }
        if FieldText.equals(value, "chunked") {
            self.isChunked = true
            return
        }
        var (chunkedCount, endsInChunked) = (0, false)
        FieldText.forEachElement(of: value) { coding in
            endsInChunked = FieldText.equals(coding, "chunked")
            if endsInChunked { chunkedCount += 1 }
        }
        guard endsInChunked, chunkedCount == 1 else { throw HTTPRequestError(.invalidTransferEncoding) }
        throw HTTPRequestError(.unsupportedTransferEncoding)
    }

    /// A decimal number; one too large for an Int counts as the largest.
    private static func parseLength(_ value: UnsafeRawBufferPointer) throws(HTTPRequestError) -> Int {
        guard !value.isEmpty else { throw HTTPRequestError(.invalidContentLength) }
        var length = 0
        for byte in value {
            guard ByteClass.digit.contains(byte) else { throw HTTPRequestError(.invalidContentLength) }
            let (scaled, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = scaled.addingReportingOverflow(Int(byte &- 0x30))
            length = overflow || carry ? Int.max : sum
        }
        return length
    }
}
