/// What the connections of a listener share over all event loops.
final class HTTPBudgets: Sendable {
    let connections: ConnectionBudget
    /// Request bodies, and input that waits.
    let input: ByteBudget
    /// Responses that wait for their clients.
    let output: ByteBudget

    init(_ configuration: HTTPServerConfiguration) {
        self.connections = ConnectionBudget(
            maximum: configuration.maximumConnections,
            maximumPerAddress: configuration.connectionsPerAddress
        )
        self.input = ByteBudget(
            .input,
            maximum: configuration.maximumBufferedInput,
            largest: configuration.limits.body
        )
        self.output = ByteBudget(.output, maximum: configuration.maximumBufferedOutput, largest: 1)
    }
}
