import EdgeRuntime
import NIOHPACK

/// A request's head, from the header list of an HTTP/2 HEADERS frame.
///
/// NIO has refused what RFC 9113 calls malformed: pseudo-header fields that are unknown, repeated, missing or late, names with
/// capitals, connection-specific fields, CR, LF and NUL in values. What is checked here is what HTTP/1.1 requests are held to as well.
struct HTTP2RequestHead {
    private(set) var request = HTTPRequest()
    private(set) var framing = MessageFraming()
    private var cookie = ""
    private var bytes = 0
    private var pathText = ""
    private let limits: HTTPLimits

    /// Whether the client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool { self.framing.expectsContinue }

    /// The length of the body as the head tells it; nil where it does not.
    var announcedBody: Int? { self.framing.contentLength }

    init(_ headers: HPACKHeaders, limits: HTTPLimits) throws(HTTPRequestError) {
        self.limits = limits
        self.request.version = (2, 0)
        for (name, value, _) in headers {
            try self.take(name, value)
        }
        try self.takePath()
        if !self.cookie.isEmpty { try self.appendField("cookie", self.cookie) }
        // The length itself is checked by NIO against what comes; here it is refused before anything comes.
        _ = try self.framing.finish(isHTTP10: false, maximumBody: limits.body)
    }

    private mutating func take(_ name: String, _ value: String) throws(HTTPRequestError) {
        self.bytes += name.utf8.count + value.utf8.count + 4
        guard self.bytes <= self.limits.head else { throw HTTPRequestError(.headTooLarge) }
        switch name {
        case ":method": try self.takeMethod(value)
        case ":path": self.pathText = value
        case ":authority": try self.takeAuthority(value)
        case ":scheme":
            guard value == "https" || value == "http" else { throw HTTPRequestError(.invalidTarget) }
        case "host": try self.takeHost(value)
        case "cookie":
            // RFC 9113, 8.2.3: crumbs of a cookie are one field to the application.
            self.cookie += self.cookie.isEmpty ? value : "; " + value
        case "te":
            guard value == "trailers" else { throw HTTPRequestError(.invalidFieldValue) }
            try self.appendField(name, value)
        default: try self.appendField(name, value)
        }
    }

    private mutating func takeMethod(_ value: String) throws(HTTPRequestError) {
        try Self.withBytes(value) { method throws(HTTPRequestError) in
            guard !method.isEmpty, ByteClass.token.containsAll(method) else { throw HTTPRequestError(.invalidMethod) }
            guard !FieldText.equalsExactly(method, "CONNECT") else { throw HTTPRequestError(.unsupportedMethod) }
            self.request.method = self.request.head.append(method)
        }
    }

    private mutating func takePath() throws(HTTPRequestError) {
        let isOptions = self.request.head.equals(self.request.method, "OPTIONS")
        guard self.pathText.utf8.count <= self.limits.requestLine else { throw HTTPRequestError(.requestLineTooLong) }
        try Self.withBytes(self.pathText) { text throws(HTTPRequestError) in
            // The absolute form belongs to HTTP/1.1.
            guard let first = text.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "*"),
                ByteClass.target.containsAll(text)
            else { throw HTTPRequestError(.invalidTarget) }
            let target = try RequestTarget(text, isOptions: isOptions)
            let base = Int(self.request.head.append(text).start)
            self.request.path = ByteSpan(start: base + target.path.lowerBound, count: target.path.count)
            self.request.query = ByteSpan(start: base + target.query.lowerBound, count: target.query.count)
        }
    }

    /// A worker finds the authority in the `host` field, as with HTTP/1.1.
    private mutating func takeAuthority(_ value: String) throws(HTTPRequestError) {
        guard !value.isEmpty else { throw HTTPRequestError(.invalidHost) }
        try self.appendField("host", value)
        if let field = self.request.head.fields.last { self.request.host = field.value }
    }

    private mutating func takeHost(_ value: String) throws(HTTPRequestError) {
        guard self.framing.hasHost else { return try self.takeAuthority(value) }
        // RFC 9113, 8.3.1: the two must not differ.
        guard self.request.head.string(self.request.host) == value else { throw HTTPRequestError(.repeatedHost) }
    }

    private mutating func appendField(_ name: String, _ value: String) throws(HTTPRequestError) {
        guard self.request.head.fields.count < self.limits.fieldCount,
            name.utf8.count + value.utf8.count + 2 <= self.limits.fieldLine
        else { throw HTTPRequestError(.headTooLarge) }
        try Self.withBytes(name) { name throws(HTTPRequestError) in
            try Self.withBytes(value) { value throws(HTTPRequestError) in
                guard FieldText.isValidValue(value), FieldText.trimmed(value).count == value.count else {
                    throw HTTPRequestError(.invalidFieldValue)
                }
                try self.framing.note(name: name, value: value)
                self.request.head.appendField(name: name, value: value)
            }
        }
    }

    private static func withBytes(
        _ text: String,
        _ body: (UnsafeRawBufferPointer) throws(HTTPRequestError) -> Void
    ) throws(HTTPRequestError) {
        var text = text
        var failure: HTTPRequestError?
        text.withUTF8 { bytes in
            do throws(HTTPRequestError) {
                try body(UnsafeRawBufferPointer(bytes))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
