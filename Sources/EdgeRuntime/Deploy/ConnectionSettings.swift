/// What the operator sets about connections: the table `connections` of `edgehost.lua`. Nil leaves a default.
public struct ConnectionSettings: Sendable, Equatable {
    /// Connections open at once.
    public var total: Int?
    /// The same for one address.
    public var perAddress: Int?
    /// Megabytes of request bodies that all connections may hold together.
    public var requestMegabytes: Int?
    /// Megabytes of responses that may wait for their clients over all connections.
    public var responseMegabytes: Int?
    /// Seconds between two requests.
    public var idleSeconds: Int?
    /// Seconds for the head of a request.
    public var headSeconds: Int?
    /// Seconds without a byte of a request body.
    public var bodySeconds: Int?
    /// Seconds for a whole request body.
    public var wholeBodySeconds: Int?
    /// Bytes a second that a request body moves at least.
    public var bodyBytesPerSecond: Int?
    /// Seconds in which a client takes no byte of a response that waits for it.
    public var writeSeconds: Int?
    /// Bytes a second that a client takes at least of a response that waits for it.
    public var writeBytesPerSecond: Int?

    public init() {}
}

/// A field of the table `connections` and what it sets.
struct ConnectionField: Sendable {
    let name: String
    let path: WritableKeyPath<ConnectionSettings, Int?> & Sendable
    let range: ClosedRange<Int>

    private static let seconds = 1...86_400
    private static let bytesPerSecond = 1...(1 << 30)

    static let all = [
        ConnectionField(name: "total", path: \.total, range: 1...1_000_000),
        ConnectionField(name: "per_address", path: \.perAddress, range: 1...1_000_000),
        ConnectionField(name: "request_mb", path: \.requestMegabytes, range: 1...1_048_576),
        ConnectionField(name: "response_mb", path: \.responseMegabytes, range: 1...1_048_576),
        ConnectionField(name: "idle_s", path: \.idleSeconds, range: Self.seconds),
        ConnectionField(name: "head_s", path: \.headSeconds, range: Self.seconds),
        ConnectionField(name: "body_s", path: \.bodySeconds, range: Self.seconds),
        ConnectionField(name: "whole_body_s", path: \.wholeBodySeconds, range: Self.seconds),
        ConnectionField(name: "body_bytes_per_s", path: \.bodyBytesPerSecond, range: Self.bytesPerSecond),
        ConnectionField(name: "write_s", path: \.writeSeconds, range: Self.seconds),
        ConnectionField(name: "write_bytes_per_s", path: \.writeBytesPerSecond, range: Self.bytesPerSecond),
    ]
}
