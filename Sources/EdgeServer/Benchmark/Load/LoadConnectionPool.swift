import NIOCore
import NIOPosix

/// The connections of a load: opens them, opens those anew that the server closes, and knows which are free. On its event
/// loop only.
final class LoadConnectionPool {
    /// What it tells the load. Called on the event loop.
    struct Events {
        /// A connection got free, or is new.
        var free: () -> Void
        var received: (_ bytes: Int) -> Void
        var answered: (_ status: Int, LoadConnection.Exchange) -> Void
        var failed: (LoadRecorder.Failure, LoadConnection.Exchange) -> Void
        /// A connection could not be opened anew.
        var unreachable: () -> Void
        /// A connection that the server has closed will be opened anew.
        var reconnecting: () -> Void
    }

    private let address: SocketAddress
    private let isHead: Bool
    private let eventLoop: any EventLoop
    private var events: Events?
    private(set) var connections: [LoadConnection] = []
    /// Free connections take turns, so that all of a server's event loops have work.
    private var free = CircularBuffer<LoadConnection>()
    private var isClosed = false

    /// Connections that are being opened at once: a listener's backlog has an end.
    private static let maximumOpening = 64
    /// Before a connection is opened again that could not be opened, or was closed without an answer.
    private static let backOff = TimeAmount.milliseconds(100)

    init(address: SocketAddress, isHead: Bool, eventLoop: any EventLoop) {
        self.address = address
        self.isHead = isHead
        self.eventLoop = eventLoop
    }

    /// Opens so many connections; fails with a ``LoadError`` when one can't be opened.
    func open(count: Int, events: Events) -> EventLoopFuture<Void> {
        self.events = events
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        return self.openFurther(count: count).flatMapErrorThrowing { error in
            let pool = bound.value
            let reason = (error as? any CustomStringConvertible)?.description ?? "\(error)"
            let opened = "\(pool.connections.count) of \(count) connections"
            throw LoadError("\(opened) to \(pool.address) could be opened, then: \(reason)")
        }
    }

    /// The connection that has been free longest.
    func takeFree() -> LoadConnection? {
        guard let connection = self.free.popFirst() else { return nil }
        connection.isFree = false
        return connection
    }

    var hasFree: Bool { !self.free.isEmpty }

    /// Whether a request is on its way.
    var isBusy: Bool { self.connections.contains { $0.exchange != nil } }

    func closeAll() {
        self.isClosed = true
        for connection in self.connections { connection.abandon() }
    }

    // MARK: What connections tell

    func becameFree(_ connection: LoadConnection) {
        connection.isFree = true
        self.free.append(connection)
        self.events?.free()
    }

    func received(_ count: Int) {
        self.events?.received(count)
    }

    func answered(_ status: Int, _ exchange: LoadConnection.Exchange) {
        self.events?.answered(status, exchange)
    }

    func failed(_ failure: LoadRecorder.Failure, _ exchange: LoadConnection.Exchange) {
        self.events?.failed(failure, exchange)
    }

    func closed(_ connection: LoadConnection) {
        if connection.isFree { self.free.removeAll { $0 === connection } }
        guard let last = self.connections.popLast() else { return }
        if last !== connection {
            last.position = connection.position
            self.connections[last.position] = last
        }
        guard !self.isClosed else { return }
        self.events?.reconnecting()
        self.reopen(in: connection.hasAnswered ? .nanoseconds(0) : Self.backOff)
    }

    // MARK: Opening

    /// Opens connections a batch at a time.
    private func openFurther(count: Int) -> EventLoopFuture<Void> {
        let batch = min(count, Self.maximumOpening)
        guard batch > 0, !self.isClosed else { return self.eventLoop.makeSucceededVoidFuture() }
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let opened = (0..<batch).map { _ in self.openOne() }
        return EventLoopFuture.andAllSucceed(opened, on: self.eventLoop).flatMap {
            bound.value.openFurther(count: count - batch)
        }
    }

    private func openOne() -> EventLoopFuture<Void> {
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        return ClientBootstrap(group: self.eventLoop)
            .connectTimeout(.seconds(5))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 2048, maximum: 1 << 16)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = LoadConnection(pool: bound.value, isHead: bound.value.isHead)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .connect(to: self.address)
            .map { _ in }
    }

    func opened(_ connection: LoadConnection) {
        connection.position = self.connections.count
        self.connections.append(connection)
        if self.isClosed { connection.abandon() } else { self.becameFree(connection) }
    }

    private func reopen(in delay: TimeAmount) {
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.eventLoop.scheduleTask(in: delay) {
            guard !bound.value.isClosed else { return }
            bound.value.openOne().whenFailure { _ in
                guard !bound.value.isClosed else { return }
                bound.value.events?.unreachable()
                bound.value.reopen(in: Self.backOff)
            }
        }
    }
}
