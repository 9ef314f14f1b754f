/// A whole HTTP request as the runtime sees it: head and body, no socket.
///
/// The spans point into ``head``. `path` is the percent-encoded path as sent (it begins with `/`, or is `*`
/// with OPTIONS); `query` lacks its `?`.
/// `host` is the authority of the request (the `host` field, or the target's when it is absolute), port included.
public struct HTTPRequest: Sendable {
    public var head = HeaderBlock()
    public var method = ByteSpan.empty
    public var path = ByteSpan.empty
    public var query = ByteSpan.empty
    public var host = ByteSpan.empty
    /// Major and minor version, for example (1, 1).
    public var version: (major: UInt8, minor: UInt8) = (1, 1)
    public var isSecure = false
    /// The peer's address without port.
    public var remoteAddress = ""
    public var body: [UInt8] = []

    public init() {}
}

/// Status and header fields of a response. The runtime has checked them: the status is 200...599, names are tokens, no value
/// holds CR, LF or NUL, and `content-length`, `transfer-encoding` and `connection` do not occur.
public struct HTTPResponseHead: Sendable {
    public var status: Int
    public var fields = HeaderBlock()
    /// Whether the host gives it for want of room, before any work was done: clients that get many of these are read together.
    public var isRefusal = false

    public init(status: Int) {
        self.status = status
    }
}

/// Where the response of one request goes. All calls come on the lane the request was delivered on.
///
/// Exactly one of these happens for a request: `respond`, or `begin` followed by any number of `write` and one `finish`
/// or `abort`.
public protocol ResponseSink: AnyObject {
    /// The whole response. `body` is valid inside the call only.
    func respond(_ head: HTTPResponseHead, body: UnsafeRawBufferPointer)
    /// The head of a streamed response.
    func begin(_ head: HTTPResponseHead)
    /// A piece of a streamed body; `written` is called once, on the same lane, when more may be written:
    /// with `true`, or with `false` when the client is gone. The next piece comes after that call. `written` is not called
    /// inside `write` unless the client was known to be gone before.
    func write(_ chunk: UnsafeRawBufferPointer, written: @escaping (Bool) -> Void)
    /// The end of a streamed body.
    func finish()
    /// The streamed body can't be completed: the client must be able to tell.
    func abort()
}
