import NIOCore

/// How long one connection may stay in each state. Time is read by a sweep each ``sweepInterval``, so a connection
/// gets up to two intervals more, never less.
public struct HTTPTimeouts: Sendable {
    /// Between two requests; then the connection is closed.
    public var idle = TimeAmount.seconds(75)
    /// From the first byte of a request to the end of its head; then the answer is 408.
    public var head = TimeAmount.seconds(10)
    /// Between two pieces of a request body; then the answer is 408.
    public var body = TimeAmount.seconds(30)
    /// Without any byte of waiting output taken by the client; then the connection is closed.
    public var write = TimeAmount.seconds(30)
    /// After the last answer of a connection, until the client closes its side.
    public var linger = TimeAmount.seconds(2)
    /// How often an event loop looks at its connections; nil for never (tests sweep by hand).
    public var sweepInterval: TimeAmount? = .milliseconds(500)

    public init() {}
}
