import NIOPosix

/// What of a server needs neither the store nor the workers: the event loops, and the socket in their hands.
struct ServerFront: Sendable {
    let group: MultiThreadedEventLoopGroup
    private let endpoint: HTTPEndpoint
    private let configuration: HTTPServerConfiguration
    /// nil where the socket may be one that another process accepts connections from.
    private let http: Result<HTTPFront, any Error>?

    init(_ endpoint: HTTPEndpoint, _ link: SupervisorLink?, threads: Int, _ configuration: HTTPServerConfiguration) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        self.group = group
        self.endpoint = endpoint
        self.configuration = configuration
        guard link?.listener == nil else {
            self.http = nil
            return
        }
        self.http = Result {
            try Self.make(
                ListeningSocket.open(endpoint, backlog: configuration.backlog),
                endpoint,
                group,
                configuration
            )
        }
    }

    /// - Parameter inherited: a socket that no other process accepts connections from any more; nil for one of our own.
    func take(_ inherited: Int32?) throws -> HTTPFront {
        if let http = self.http { return try http.get() }
        let socket =
            if let inherited {
                ListeningSocket.inherited(inherited)
            } else {
                try ListeningSocket.open(self.endpoint, backlog: self.configuration.backlog)
            }
        return try Self.make(socket, self.endpoint, self.group, self.configuration)
    }

    private static func make(
        _ socket: ListeningSocket,
        _ endpoint: HTTPEndpoint,
        _ group: MultiThreadedEventLoopGroup,
        _ configuration: HTTPServerConfiguration
    ) throws -> HTTPFront {
        try HTTPFront.make(socket, endpoint: endpoint, group: group, configuration: configuration).wait()
    }
}
