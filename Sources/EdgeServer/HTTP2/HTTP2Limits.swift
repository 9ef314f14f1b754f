import NIOCore

/// What one HTTP/2 connection may ask for, beside ``HTTPLimits``, which hold for each of its requests. In bytes unless it says
/// otherwise.
public struct HTTP2Limits: Sendable {
    /// Requests open at once, and requests with the application at once (one that was reset goes on there).
    public var concurrentStreams = 100
    /// What a client may send ahead of a request's body.
    public var streamWindow = 256 * 1024
    /// What it may send ahead of all bodies together.
    public var connectionWindow = 1024 * 1024
    /// All requests of a connection that are not whole or wait for their turn, together; the one whose body goes beyond it is
    /// answered 503.
    public var waitingInput = 32 * 1024 * 1024 + Self.waitingHeads
    /// Of that, room for the heads of the largest bodies.
    static let waitingHeads = 1024 * 1024
    /// Response bodies that wait for the client to take them; beyond it the connection's next requests wait.
    public var waitingOutput = 16 * 1024 * 1024
    /// Requests handed to the application in one turn of the event loop, so that others get their turn.
    public var requestsPerTurn = 16
    /// CONTINUATION frames after one HEADERS frame.
    public var continuationFrames = 5
    /// Empty DATA frames in a row.
    public var emptyDataFrames = 10
    /// RST_STREAM frames in 30 s.
    public var resets = 200
    /// PING, SETTINGS and PRIORITY frames in 30 s.
    public var controlFrames = 200
    /// Stream errors in 30 s, and over the life of the connection.
    public var streamErrors = 200
    /// Answers to control frames that wait for the client to take them.
    public var waitingControlFrames = 1000
    /// Input that brings nothing about (``HTTP2Allowance``).
    public var uselessInput = 512 * 1024

    public init() {}

    /// The decoded size of a header list (names, values and 32 a field) beyond which the connection ends. Twice what is served,
    /// so that a request somewhat too large gets its 431.
    func headerList(_ limits: HTTPLimits) -> Int {
        2 * limits.head
    }
}
