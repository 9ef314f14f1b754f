import NIOCore

/// What the connections of one event loop share. Lives on that loop.
final class HTTPLane {
    let eventLoop: any EventLoop
    let configuration: HTTPServerConfiguration
    let application: any HTTPApplication
    let budget: ConnectionBudget
    var buffers = ByteBufferPool()
    /// The time of the last sweep.
    private(set) var now: NIODeadline
    /// Answers from now on are the last of their connection.
    private(set) var isDraining = false
    private var date = DateField()
    private var connections: [HTTPConnection] = []
    private var drained: EventLoopPromise<Void>?
    private var sweeping: RepeatedTask?

    init(
        eventLoop: any EventLoop,
        configuration: HTTPServerConfiguration,
        application: any HTTPApplication,
        budget: ConnectionBudget,
        now: NIODeadline
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.application = application
        self.budget = budget
        self.now = now
    }

    var connectionCount: Int {
        self.connections.count
    }

    /// The `date` header line of this second.
    func dateLine() -> [UInt8] {
        self.date.refresh()
        return self.date.line
    }

    /// Takes a connection in; the verdict says what to do with it.
    func add(_ connection: HTTPConnection) -> ConnectionBudget.Verdict {
        connection.laneSlot = self.connections.count
        self.connections.append(connection)
        return self.budget.enter()
    }

    func remove(_ connection: HTTPConnection) {
        let slot = connection.laneSlot
        precondition(self.connections[slot] === connection, "a connection knows its place")
        let last = self.connections.removeLast()
        if last !== connection {
            self.connections[slot] = last
            last.laneSlot = slot
        }
        connection.laneSlot = -1
        self.budget.leave()
        self.finishDrainingIfEmpty()
    }

    /// Begins to sweep regularly, if the configuration says so.
    func startSweeping() {
        guard let interval = self.configuration.timeouts.sweepInterval else { return }
        let lane = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.sweeping = self.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            lane.value.sweep(now: .now())
        }
    }

    /// Ends what has stayed in its phase for too long.
    func sweep(now: NIODeadline) {
        self.now = now
        self.forEachConnection { $0.sweep(now: now) }
    }

    /// Closes idle connections now and the others after their answer; the future succeeds when all are gone.
    func drain() -> EventLoopFuture<Void> {
        if let drained = self.drained { return drained.futureResult }
        let drained = self.eventLoop.makePromise(of: Void.self)
        self.drained = drained
        self.isDraining = true
        self.forEachConnection { $0.drain() }
        self.finishDrainingIfEmpty()
        return drained.futureResult
    }

    /// Closes what is left, whatever it does.
    func closeAll() {
        self.forEachConnection { $0.closeNow() }
    }

    /// From the end, because a connection that closes leaves the list and the last one takes its place.
    private func forEachConnection(_ body: (HTTPConnection) -> Void) {
        var slot = self.connections.count - 1
        while slot >= 0 {
            if slot < self.connections.count { body(self.connections[slot]) }
            slot -= 1
        }
    }

    private func finishDrainingIfEmpty() {
        guard self.connections.isEmpty, let drained = self.drained else { return }
        self.sweeping?.cancel()
        self.sweeping = nil
        drained.succeed()
    }
}
