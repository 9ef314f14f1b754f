import NIOCore

/// How long one connection may stay in each state. Time is read by a sweep each ``sweepInterval``, so a connection
/// gets up to two intervals more, never less.
public struct HTTPTimeouts: Sendable {
    /// Between two requests; then the connection is closed.
    public var idle = TimeAmount.seconds(75)
    /// The same once another process has taken the listening socket over, and while nine tenths of the connections
    /// that may be open are.
    public var handoverIdle = TimeAmount.seconds(5)
    /// From the first byte of a request to the end of its head; then the answer is 408.
    public var head = TimeAmount.seconds(10)
    /// Without any byte of a request body; then the answer is 408. A body that has moved at less than
    /// ``bodyBytesPerSecond`` has less.
    public var body = TimeAmount.seconds(30)
    /// The rate that keeps a request body from using up ``body``.
    public var bodyBytesPerSecond = 500
    /// From the end of a head to the end of its body; then the answer is 408.
    public var wholeBody = TimeAmount.seconds(900)
    /// Without any byte of waiting output taken by the client; then the connection is closed. A client that has taken
    /// less than ``writeBytesPerSecond`` has less.
    public var write = TimeAmount.seconds(30)
    /// The rate that keeps waiting output from using up ``write``.
    public var writeBytesPerSecond = 500
    /// As ``write`` while more than half of the budget for output is in use.
    public var pressedWrite = TimeAmount.seconds(2)
    /// As ``writeBytesPerSecond`` while more than half of the budget for output is in use.
    public var pressedWriteBytesPerSecond = 64 * 1024
    /// After the last answer of a connection, until the client closes its side.
    public var linger = TimeAmount.seconds(2)
    /// How often an event loop looks at its connections; nil for never (tests sweep by hand).
    public var sweepInterval: TimeAmount? = .milliseconds(500)

    public init() {}

    /// What a sweep that comes late may not take from a client.
    var slack: TimeAmount {
        self.sweepInterval ?? .zero
    }

    var bodyTerms: RateFloor.Terms {
        RateFloor.Terms(bytesPerSecond: self.bodyBytesPerSecond, reserve: self.body + self.slack)
    }

    func writeTerms(isPressed: Bool) -> RateFloor.Terms {
        isPressed
            ? RateFloor.Terms(bytesPerSecond: self.pressedWriteBytesPerSecond, reserve: self.pressedWrite)
            : RateFloor.Terms(bytesPerSecond: self.writeBytesPerSecond, reserve: self.write)
    }
}
