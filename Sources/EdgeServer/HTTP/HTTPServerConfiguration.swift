import NIOCore

/// What a listener and its connections keep to.
public struct HTTPServerConfiguration: Sendable {
    public var limits = HTTPLimits()
    public var timeouts = HTTPTimeouts()
    public var http2 = HTTP2Limits()
    /// Connections open at once over all event loops; those beyond it are answered 503 and closed.
    public var maximumConnections = 10_000
    /// The same for one address (of IPv6: one network of 64 bits). Nil for a quarter of ``maximumConnections``, so that
    /// one client alone can't keep the others out.
    public var maximumConnectionsPerAddress: Int?
    /// Bytes of request bodies, waiting input and heads of waiting HTTP/2 requests that all connections may hold together.
    public var maximumBufferedInput = 256 * 1024 * 1024
    /// Bytes of responses that may wait for their clients over all connections together.
    public var maximumBufferedOutput = 256 * 1024 * 1024
    /// Requests of one event loop that are read before the first of them runs, if so many have arrived; 1 runs each at once.
    public var batchedRequests = 32
    /// Of those, once this time has passed, the answers so far are written; looked at after each ``batchedStride`` requests.
    public var batchedTime = TimeAmount.microseconds(250)
    public var batchedStride = 8
    /// How connections are read while many requests are refused.
    var gathering = GatheredReads.Terms()
    /// Connections the kernel holds until they are accepted.
    public var backlog: Int32 = 1024

    public init() {}

    /// Connections that may be open at once, those included that are there to be told that there are too many.
    var openConnections: Int {
        self.maximumConnections + ConnectionBudget.surplus
    }

    var connectionsPerAddress: Int {
        self.maximumConnectionsPerAddress ?? max(1, self.maximumConnections / 4)
    }
}
