import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A listener before there is anything to answer with: event loops have the socket, and accept nothing from it. It can be made
/// while workers are loaded, which takes a good part of a start.
struct HTTPFront: Sendable {
    /// What connections are given to, once they are accepted.
    struct Reception: Sendable {
        let lanes: [NIOLoopBound<HTTPLane>]
        let tls: TLSCredentials?
    }

    private final class Desk: Sendable {
        let reception = Mutex<Reception?>(nil)
    }

    let group: MultiThreadedEventLoopGroup
    let configuration: HTTPServerConfiguration
    /// Where it listens, with the port that was picked.
    let endpoint: HTTPEndpoint
    /// Open as long as the channel is.
    let socket: Int32
    let channel: any Channel
    private let desk: Desk

    /// - Parameters:
    ///   - socket: belongs to the front from now on.
    ///   - endpoint: where the socket was to listen.
    /// - Returns: a future that fails with an ``HTTPListenerError``.
    static func make(
        _ socket: ListeningSocket,
        endpoint: HTTPEndpoint,
        group: MultiThreadedEventLoopGroup,
        configuration: HTTPServerConfiguration
    ) -> EventLoopFuture<HTTPFront> {
        let desk = Desk()
        return self.bootstrap(group, configuration, desk).withBoundSocket(socket.descriptor)
            .flatMapErrorThrowing { error in
                throw HTTPListenerError.bindFailed(endpoint.description, reason: Self.reason(error))
            }
            .map { channel in
                // NIO listens anew on a socket it adopts, with a backlog of its own choice.
                _ = listen(socket.descriptor, configuration.backlog)
                let port = channel.localAddress?.port ?? endpoint.port
                let host = socket.isInherited ? channel.localAddress?.ipAddress ?? endpoint.host : endpoint.host
                return HTTPFront(
                    group: group,
                    configuration: configuration,
                    endpoint: HTTPEndpoint(host: host, port: port),
                    socket: socket.descriptor,
                    channel: channel,
                    desk: desk
                )
            }
    }

    /// Begins to accept connections. The future succeeds when it does.
    func open(_ reception: Reception) -> EventLoopFuture<Void> {
        self.desk.reception.withLock { $0 = reception }
        return self.channel.setOption(.autoRead, value: true)
    }

    private static func bootstrap(
        _ group: MultiThreadedEventLoopGroup,
        _ configuration: HTTPServerConfiguration,
        _ desk: Desk
    ) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.autoRead, value: false)
            .serverChannelOption(.backlog, value: configuration.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPacer())
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 2048,
                    initial: 2048,
                    maximum: configuration.limits.largestRead
                )
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let reception = desk.reception.withLock({ $0 }) else {
                        preconditionFailure("nothing is accepted before the front opens")
                    }
                    try reception.receive(channel)
                }
            }
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode))
    }
}

extension HTTPFront.Reception {
    /// Called on the event loop of the connection.
    fileprivate func receive(_ channel: any Channel) throws {
        guard let lane = self.lanes.first(where: { $0.eventLoop === channel.eventLoop }) else {
            preconditionFailure("a connection runs on an event loop of the listener's group")
        }
        let remoteAddress = channel.remoteAddress?.ipAddress ?? ""
        let connection: any ChannelHandler =
            if let tls = self.tls {
                TLSHandshake(lane: lane.value, credentials: tls, remoteAddress: remoteAddress)
            } else {
                HTTPConnection(lane: lane.value, remoteAddress: remoteAddress)
            }
        try channel.pipeline.syncOperations.addHandler(connection)
    }
}
