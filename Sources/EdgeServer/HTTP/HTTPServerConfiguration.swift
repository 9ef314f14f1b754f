/// What a listener and its connections keep to.
public struct HTTPServerConfiguration: Sendable {
    public var limits = HTTPLimits()
    public var timeouts = HTTPTimeouts()
    /// Connections open at once over all event loops; those beyond it are answered 503 and closed.
    public var maximumConnections = 10_000
    /// Connections the kernel holds until they are accepted.
    public var backlog: Int32 = 1024

    public init() {}
}
