/// The maximum sizes of what one client may send, in bytes unless it says otherwise.
public struct HTTPLimits: Sendable {
    /// A request line without its CRLF; beyond it the answer is 414.
    public var requestLine = 8 * 1024
    /// One header or trailer field line without its CRLF; beyond it the answer is 431.
    public var fieldLine = 8 * 1024
    /// All header lines of a request together, request line included; beyond it the answer is 431.
    public var head = 32 * 1024
    /// The number of header fields, and of trailer fields; beyond it the answer is 431.
    public var fieldCount = 100
    /// All trailer lines of a request together; beyond it the answer is 431.
    public var trailers = 8 * 1024
    /// A request body; beyond it the answer is 413.
    public var body = 16 * 1024 * 1024
    /// One chunk size line, extensions included; beyond it the answer is 400.
    public var chunkLine = 1024
    /// All chunk extensions of a body together; beyond it the answer is 400.
    public var chunkExtensions = 16 * 1024
    /// Unparsed input that waits while a request is answered; beyond it the connection stops reading.
    public var waitingInput = 64 * 1024
    /// The most bytes that one read takes.
    public var largestRead = 32 * 1024
    /// Unparsed input that the kernel hands over at once when a client closes its side; beyond it the connection is
    /// closed.
    public var finalInput = 8 * 1024 * 1024
    /// Input that is read and thrown away after a refused request, so that the client can read the answer.
    public var lingeringInput = 1024 * 1024

    public init() {}
}
