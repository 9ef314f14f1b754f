import NIOCore
import NIOPosix

/// A listening socket and the connections it accepted, spread over the event loops of a group.
public final class HTTPListener: Sendable {
    /// Where it listens, with the port that was picked.
    public let endpoint: HTTPEndpoint
    private let channel: any Channel
    let lanes: [NIOLoopBound<HTTPLane>]

    private init(endpoint: HTTPEndpoint, channel: any Channel, lanes: [NIOLoopBound<HTTPLane>]) {
        self.endpoint = endpoint
        self.channel = channel
        self.lanes = lanes
    }

    /// Listens. The future fails with an ``HTTPListenerError`` when the address can't be had.
    ///
    /// - Parameters:
    ///   - tls: what connections are secured with; nil for none.
    ///   - makeApplication: called once on each event loop of the group.
    public static func bind(
        to endpoint: HTTPEndpoint,
        group: MultiThreadedEventLoopGroup,
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        tls: TLSCredentials? = nil,
        makeApplication: @escaping HTTPApplicationFactory
    ) -> EventLoopFuture<HTTPListener> {
        do {
            let socket = try ListeningSocket.open(endpoint, backlog: configuration.backlog)
            let front = HTTPFront.make(socket, endpoint: endpoint, group: group, configuration: configuration)
            return front.flatMap { self.open($0, tls: tls, makeApplication: makeApplication) }
        } catch {
            return group.next().makeFailedFuture(error)
        }
    }

    /// Accepts connections from a front that was made before.
    static func open(
        _ front: HTTPFront,
        tls: TLSCredentials?,
        makeApplication: @escaping HTTPApplicationFactory
    ) -> EventLoopFuture<HTTPListener> {
        let configuration = front.configuration
        let budgets = HTTPBudgets(configuration)
        let lanes = front.group.makeIterator().enumerated().map { index, eventLoop in
            eventLoop.submit {
                let lane = HTTPLane(
                    eventLoop: eventLoop,
                    configuration: configuration,
                    application: makeApplication(eventLoop, index),
                    budgets: budgets,
                    now: .now()
                )
                lane.startSweeping()
                return NIOLoopBound(lane, eventLoop: eventLoop)
            }
        }
        return EventLoopFuture.whenAllSucceed(lanes, on: front.channel.eventLoop).flatMap { lanes in
            front.open(HTTPFront.Reception(lanes: lanes, tls: tls)).map {
                HTTPListener(endpoint: front.endpoint, channel: front.channel, lanes: lanes)
            }
        }
    }

    /// Completes when no connection is accepted any more.
    var closed: EventLoopFuture<Void> {
        self.channel.closeFuture
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
