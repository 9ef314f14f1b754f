import Glibc
import NIOCore
import NIOPosix

/// A listening socket and the connections it accepted, spread over the event loops of a group.
public final class HTTPListener: Sendable {
    /// Where it listens, with the port that was picked.
    public let endpoint: HTTPEndpoint
    private let channel: any Channel
    private let lanes: [NIOLoopBound<HTTPLane>]

    private init(endpoint: HTTPEndpoint, channel: any Channel, lanes: [NIOLoopBound<HTTPLane>]) {
        self.endpoint = endpoint
        self.channel = channel
        self.lanes = lanes
    }

    /// Listens. The future fails with an ``HTTPListenerError`` when the address can't be had.
    ///
    /// - Parameters:
    ///   - tls: what connections are secured with; nil for none.
    ///   - inherited: a socket that listens already, in place of a new one; owned by the listener from now on.
    ///   - makeApplication: called once on each event loop of the group.
    public static func bind(
        to endpoint: HTTPEndpoint,
        group: MultiThreadedEventLoopGroup,
        inherited: Int32? = nil,
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        tls: TLSCredentials? = nil,
        makeApplication: @escaping HTTPApplicationFactory
    ) -> EventLoopFuture<HTTPListener> {
        let budgets = HTTPBudgets(configuration)
        let lanes = group.makeIterator().enumerated().map { index, eventLoop in
            eventLoop.submit {
                let lane = HTTPLane(
                    eventLoop: eventLoop,
                    configuration: configuration,
                    application: makeApplication(eventLoop, index),
                    budgets: budgets,
                    now: .now()
                )
                return NIOLoopBound(lane, eventLoop: eventLoop)
            }
        }
        return EventLoopFuture.whenAllSucceed(lanes, on: group.next()).flatMap { lanes in
            let bootstrap = Self.bootstrap(group: group, configuration: configuration, lanes: lanes, tls: tls)
            return
                (inherited.map { Self.adopt($0, bootstrap, configuration) }
                ?? bootstrap.bind(host: endpoint.host, port: endpoint.port))
                .flatMapErrorThrowing { error in
                    throw HTTPListenerError.bindFailed(endpoint.description, reason: Self.reason(error))
                }
                .map { channel in
                    for lane in lanes { lane.eventLoop.execute { lane.value.startSweeping() } }
                    let port = channel.localAddress?.port ?? endpoint.port
                    // A socket that was taken over may have another host than the one that is configured by now.
                    let host = inherited == nil ? endpoint.host : channel.localAddress?.ipAddress ?? endpoint.host
                    let bound = HTTPEndpoint(host: host, port: port)
                    return HTTPListener(endpoint: bound, channel: channel, lanes: lanes)
                }
        }
    }

    /// NIO listens anew on a socket it adopts, with a backlog of its own choice, which is put right after it.
    private static func adopt(
        _ socket: Int32,
        _ bootstrap: ServerBootstrap,
        _ configuration: HTTPServerConfiguration
    ) -> EventLoopFuture<any Channel> {
        bootstrap.withBoundSocket(socket).map { channel in
            _ = listen(socket, configuration.backlog)
            return channel
        }
    }

    /// Completes when no connection is accepted any more.
    var closed: EventLoopFuture<Void> {
        self.channel.closeFuture
    }

    /// Calls `body` with the listening socket, on its event loop.
    func withSocket<Value: Sendable>(_ body: @escaping @Sendable (Int32) throws -> Value) -> EventLoopFuture<Value> {
        self.channel.eventLoop.submit {
            let result = try self.channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self,
                body
            )
            guard let result else { preconditionFailure("NIOPosix channels are sockets") }
            return result
        }
    }

    private static func bootstrap(
        group: MultiThreadedEventLoopGroup,
        configuration: HTTPServerConfiguration,
        lanes: [NIOLoopBound<HTTPLane>],
        tls: TLSCredentials?
    ) -> ServerBootstrap {
        ServerBootstrap(group: group)
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
                    guard let lane = lanes.first(where: { $0.eventLoop === channel.eventLoop }) else {
                        preconditionFailure("a connection runs on an event loop of the listener's group")
                    }
                    let remoteAddress = channel.remoteAddress?.ipAddress ?? ""
                    let connection: any ChannelHandler =
                        if let tls {
                            TLSHandshake(lane: lane.value, credentials: tls, remoteAddress: remoteAddress)
                        } else {
                            HTTPConnection(lane: lane.value, remoteAddress: remoteAddress)
                        }
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode))
    }

    /// Stops: no connection is accepted any more, idle ones close as `mode` says, the others after the request they are
    /// at. What is left after `grace` is closed. The future succeeds when all connections are gone.
    public func shutdown(grace: TimeAmount, mode: DrainMode = .stop) -> EventLoopFuture<Void> {
        let lanes = self.lanes
        let eventLoop = self.channel.eventLoop
        return self.stopAccepting().flatMap {
            let drained = lanes.map { lane in lane.eventLoop.flatSubmit { lane.value.drain(mode) } }
            let deadline = eventLoop.scheduleTask(in: grace) {
                for lane in lanes { lane.eventLoop.execute { lane.value.closeAll() } }
            }
            return EventLoopFuture.andAllSucceed(drained, on: eventLoop).always { _ in deadline.cancel() }
        }
    }

    /// Closes the listening socket. A connection that was accepted and is still on its way to its event loop would be
    /// closed with it, so accepting ends first, and what was accepted arrives.
    private func stopAccepting() -> EventLoopFuture<Void> {
        let lanes = self.lanes
        let channel = self.channel
        return channel.setOption(.autoRead, value: false).recover { _ in }.flatMap {
            let arrived = lanes.map { lane in lane.eventLoop.submit {} }
            return EventLoopFuture.andAllSucceed(arrived, on: channel.eventLoop)
        }.flatMap { channel.eventLoop.submit {} }.flatMap { channel.close().recover { _ in } }
    }

    /// Looks at the clocks of all connections as if it were `now`.
    func sweep(now: NIODeadline) -> EventLoopFuture<Void> {
        let swept = self.lanes.map { lane in lane.eventLoop.submit { lane.value.sweep(now: now) } }
        return EventLoopFuture.andAllSucceed(swept, on: self.channel.eventLoop)
    }
}
