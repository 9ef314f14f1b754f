import NIOCore

/// What the connections of one event loop share. Lives on that loop.
final class HTTPLane {
    let eventLoop: any EventLoop
    let configuration: HTTPServerConfiguration
    let application: any HTTPApplication
    let budgets: HTTPBudgets
    let gathering: GatheredReads
    var buffers = ByteBufferPool()
    private let clock: () -> NIODeadline
    private var batch = RequestBatch()
    /// The time of the last sweep.
    private(set) var now: NIODeadline
    /// How this lane ends, once it does. Answers from then on are the last of their connection.
    private(set) var draining: DrainMode?
    private var date = DateField()
    private var members: [Member] = []
    private var drained: EventLoopPromise<Void>?
    private var sweeping: RepeatedTask?

    init(
        eventLoop: any EventLoop,
        configuration: HTTPServerConfiguration,
        application: any HTTPApplication,
        budgets: HTTPBudgets,
        readiness: any ReadinessSet = EpollReadiness(),
        now: NIODeadline,
        clock: @escaping () -> NIODeadline = NIODeadline.now
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.application = application
        self.budgets = budgets
        self.gathering = GatheredReads(
            eventLoop: eventLoop,
            readiness: readiness,
            terms: configuration.gathering
        )
        self.now = now
        self.clock = clock
    }

    private struct Member {
        var connection: any LaneConnection
        let account: PeerAccount
    }

    var connectionCount: Int {
        self.members.count
    }

    var isDraining: Bool {
        self.draining != nil
    }

    /// The `date` header line of this second.
    func dateLine() -> [UInt8] {
        self.date.refresh()
        return self.date.line
    }

    /// Whether a request that is whole waits for others.
    var batchesRequests: Bool {
        self.configuration.batchedRequests > 1 && !self.batch.isRunning
    }

    /// Lets the request of a connection wait until a few are whole, or until all that has arrived was read.
    func enqueue(_ connection: HTTPConnection) {
        self.batch.add(connection)
        if self.batch.count >= self.configuration.batchedRequests {
            self.runBatch()
        } else if !self.batch.isScheduled {
            self.batch.isScheduled = true
            // Comes after all input that the event loop knows of now.
            self.eventLoop.assumeIsolated().execute {
                self.batch.isScheduled = false
                if self.batch.count > 0 { self.runBatch() }
            }
        }
    }

    private func runBatch() {
        self.batch.begin()
        let (count, stride) = (self.batch.running.count, self.configuration.batchedStride)
        var due = count > stride ? self.clock() + self.configuration.batchedTime : .distantFuture
        var written = 0
        // By index: the array must not be shared when it is emptied, or its memory would be allocated anew.
        for index in 0..<count {
            self.batch.running[index].runQueued()
            let ran = index + 1
            guard ran.isMultiple(of: stride), ran < count, self.clock() >= due else { continue }
            self.writeBatch(written..<ran)
            written = ran
            due = self.clock() + self.configuration.batchedTime
        }
        self.writeBatch(written..<count)
        self.batch.end()
    }

    private func writeBatch(_ indices: Range<Int>) {
        for index in indices { self.batch.running[index].writeQueued() }
    }

    /// Takes a connection in; the verdict says what to do with it.
    ///
    /// - Parameters:
    ///   - address: where the client is; nil counts for no address.
    func add(_ connection: any LaneConnection, from address: PeerAddress? = nil) -> ConnectionBudget.Verdict {
        let (verdict, account) = self.budgets.connections.enter(address)
        connection.laneSlot = self.members.count
        self.members.append(Member(connection: connection, account: account))
        return verdict
    }

    func remove(_ connection: any LaneConnection) {
        let slot = connection.laneSlot
        precondition(self.members[slot].connection === connection, "a connection knows its place")
        let account = self.members[slot].account
        let last = self.members.removeLast()
        if last.connection !== connection {
            self.members[slot] = last
            last.connection.laneSlot = slot
        }
        connection.laneSlot = -1
        self.budgets.connections.leave(account)
        self.finishDrainingIfEmpty()
    }

    /// Puts `successor` in the place of `connection`: the same client, now with another protocol.
    private func replace(_ connection: any LaneConnection, by successor: any LaneConnection) {
        let slot = connection.laneSlot
        precondition(self.members[slot].connection === connection, "a connection knows its place")
        self.members[slot].connection = successor
        successor.laneSlot = slot
        connection.laneSlot = -1
    }

    /// As ``replace(_:by:)``, with `install` putting the successor into the pipeline. Where that fails the place is the
    /// predecessor's again, unless the connection has ended meanwhile.
    func replace(
        _ connection: any LaneConnection,
        by successor: any LaneConnection,
        _ install: () throws -> Void
    ) throws {
        self.replace(connection, by: successor)
        do {
            try install()
        } catch {
            if successor.laneSlot >= 0 { self.replace(successor, by: connection) }
            throw error
        }
    }

    /// What the address of a connection in the lane holds.
    func account(of connection: any LaneConnection) -> PeerAccount {
        self.members[connection.laneSlot].account
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

    /// Closes connections as the mode says, busy ones after their answer; the future succeeds when all are gone.
    /// After ``DrainMode/handover`` it may be called again to stop.
    func drain(_ mode: DrainMode) -> EventLoopFuture<Void> {
        let drained = self.drained ?? self.eventLoop.makePromise(of: Void.self)
        self.drained = drained
        if self.draining != .stop {
            self.draining = mode
            self.forEachConnection { $0.drain(mode) }
            self.finishDrainingIfEmpty()
        }
        return drained.futureResult
    }

    /// Closes what is left, whatever it does.
    func closeAll() {
        self.forEachConnection { $0.closeNow() }
    }

    /// From the end, because a connection that closes leaves the list and the last one takes its place.
    private func forEachConnection(_ body: (any LaneConnection) -> Void) {
        var slot = self.members.count - 1
        while slot >= 0 {
            if slot < self.members.count { body(self.members[slot].connection) }
            slot -= 1
        }
    }

    private func finishDrainingIfEmpty() {
        guard self.members.isEmpty, let drained = self.drained else { return }
        self.sweeping?.cancel()
        self.sweeping = nil
        drained.succeed()
    }
}
