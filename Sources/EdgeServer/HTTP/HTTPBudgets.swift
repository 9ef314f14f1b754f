/// What the connections of a listener share over all event loops.
final class HTTPBudgets: Sendable {
    let connections: ConnectionBudget
    /// Request bodies, input that waits, and heads of HTTP/2 requests that do.
    let input: ByteBudget
    /// Responses that wait for their clients.
    let output: ByteBudget

    init(_ configuration: HTTPServerConfiguration) {
        self.connections = ConnectionBudget(
            maximum: configuration.maximumConnections,
            maximumPerAddress: configuration.connectionsPerAddress
        )
        // A body as large as may be has a head, which counts over HTTP/2, with the places of its fields.
        let largest = configuration.limits.body + 2 * configuration.limits.head
        self.input = ByteBudget(
            .input,
            maximum: max(configuration.maximumBufferedInput, largest),
            largest: largest
        )
        self.output = ByteBudget(.output, maximum: configuration.maximumBufferedOutput, largest: 1)
    }
}
