import NIOCore

/// Makes a load as planned and records what became of it. On its event loop only.
///
/// A request counts from when it was due. Where all connections are busy the schedule itself is the queue: the first
/// connection that gets free sends what has been due longest.
final class LoadGenerator {
    private enum Phase {
        case opening
        case sending
        /// Nothing more is sent; answers are awaited.
        case draining
        case over
    }

    private let plan: LoadPlan
    private let eventLoop: any EventLoop
    private let pool: LoadConnectionPool
    private let request: ByteBuffer
    private var recorder: LoadRecorder
    /// nil for a closed loop.
    private var schedule: ArrivalSchedule?
    private var meter: UsageMeter
    private var start = NIODeadline.now()
    private var phase = Phase.opening
    private var timer: Scheduled<Void>?
    private var tasks: [RepeatedTask] = []
    private let done: EventLoopPromise<LoadResult>

    /// How often it looks for answers that take too long, and at the server's memory.
    private static let sweepInterval = TimeAmount.milliseconds(100)

    private init(_ plan: LoadPlan, target: LoadTarget, address: SocketAddress, pid: Int32?, on eventLoop: any EventLoop)
    {
        self.plan = plan
        self.eventLoop = eventLoop
        self.pool = LoadConnectionPool(address: address, isHead: target.method == "HEAD", eventLoop: eventLoop)
        self.request = ByteBuffer(bytes: target.bytes)
        self.recorder = LoadRecorder(window: plan.window)
        if case .rate(let rate, let arrivals) = plan.pace {
            self.schedule = ArrivalSchedule(rate: rate, arrivals: arrivals, seed: plan.seed)
        }
        self.meter = UsageMeter(pid: pid)
        self.done = eventLoop.makePromise(of: LoadResult.self)
    }

    /// Runs the plan against a server that listens already; blocks for the resolution of the host's name only.
    ///
    /// - Parameters:
    ///   - pid: of the server, to measure what it uses; nil where unknown.
    ///   - stop: ends the run early when it succeeds; the result is of the time until then.
    static func run(
        _ plan: LoadPlan,
        target: LoadTarget,
        pid: Int32? = nil,
        stop: EventLoopFuture<Void>? = nil,
        on eventLoop: any EventLoop
    ) throws -> EventLoopFuture<LoadResult> {
        try plan.validate()
        let address: SocketAddress
        do {
            address = try SocketAddress.makeAddressResolvingHost(target.host, port: target.port)
        } catch {
            throw LoadError("the host '\(target.host)' has no address: \(error)")
        }
        return eventLoop.flatSubmit {
            let generator = LoadGenerator(plan, target: target, address: address, pid: pid, on: eventLoop)
            let bound = NIOLoopBound(generator, eventLoop: eventLoop)
            stop?.hop(to: eventLoop).whenSuccess { bound.value.finish() }
            generator.open()
            // Keeps the generator until its run is over.
            return generator.done.futureResult.always { _ in bound.value.pool.closeAll() }
        }
    }

    /// Since the start of the run, in ns.
    private var now: UInt64 {
        UInt64(max(0, (NIODeadline.now() - self.start).nanoseconds))
    }

    private func open() {
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let events = LoadConnectionPool.Events(
            free: { bound.value.pump() },
            received: { bound.value.recorder.received($0, at: bound.value.now) },
            answered: { bound.value.answered($0, $1) },
            failed: { bound.value.failed($0, $1) },
            unreachable: { bound.value.recorder.failure(.connect, due: bound.value.now, at: bound.value.now) },
            reconnecting: { bound.value.recorder.reconnects += 1 }
        )
        self.pool.open(count: self.plan.connections, events: events).whenComplete { result in
            switch result {
            case .success: bound.value.begin()
            case .failure(let error): bound.value.fail(error)
            }
        }
    }

    private func fail(_ error: any Error) {
        guard self.phase == .opening else { return }
        self.phase = .over
        self.done.fail(error)
    }

    private func begin() {
        guard self.phase == .opening else { return }
        self.phase = .sending
        self.start = .now()
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.eventLoop.scheduleTask(in: .nanoseconds(Int64(self.plan.window.lowerBound))) { bound.value.meter.begin() }
        self.eventLoop.scheduleTask(in: .nanoseconds(Int64(self.plan.window.upperBound))) { bound.value.finish() }
        self.tasks.append(
            self.eventLoop.scheduleRepeatedTask(initialDelay: Self.sweepInterval, delay: Self.sweepInterval) { _ in
                bound.value.sweep()
            }
        )
        self.pump()
    }

    /// Sends what is due while connections are free, and comes back when the next request is due.
    private func pump() {
        guard self.phase == .sending else { return self.endWhenQuiet() }
        while self.pool.hasFree {
            let now = self.now
            guard let due = self.takeDue(now) else { return self.arm() }
            self.pool.takeFree()?.send(self.request, LoadConnection.Exchange(due: due, sent: now))
        }
    }

    /// When the request to send now was due; nil where none is.
    private func takeDue(_ now: UInt64) -> UInt64? {
        guard let due = self.schedule?.next else { return now }
        guard due <= now else { return nil }
        self.schedule?.advance()
        return due
    }

    private func arm() {
        guard self.timer == nil, let next = self.schedule?.next else { return }
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.timer = self.eventLoop.scheduleTask(deadline: self.start + .nanoseconds(Int64(next))) {
            let generator = bound.value
            generator.timer = nil
            generator.recorder.lagged(due: next, at: generator.now)
            generator.pump()
        }
    }

    private func answered(_ status: Int, _ exchange: LoadConnection.Exchange) {
        self.recorder.answer(status: status, due: exchange.due, sent: exchange.sent, at: self.now)
    }

    private func failed(_ failure: LoadRecorder.Failure, _ exchange: LoadConnection.Exchange) {
        self.recorder.failure(failure, due: exchange.due, at: self.now)
        self.endWhenQuiet()
    }

    /// Gives up answers that take too long, and looks at the server's memory.
    private func sweep() {
        let now = self.now
        // Those that are given up leave the pool, later.
        for connection in self.pool.connections {
            guard let exchange = connection.exchange, now - min(exchange.sent, now) > self.plan.timeout else {
                continue
            }
            self.recorder.failure(.timeout, due: exchange.due, at: now)
            connection.abandon()
        }
        if self.phase == .sending, let resident = self.meter.sample() { self.recorder.resident(resident, at: now) }
        self.endWhenQuiet()
    }

    /// Sends nothing more; the run is over when the last request is answered, or has taken too long.
    private func finish() {
        guard self.phase == .sending else { return self.fail(LoadError("stopped before all connections were open")) }
        self.phase = .draining
        self.meter.end()
        self.timer?.cancel()
        self.recorder.end(at: self.now)
        let window = self.recorder.window
        if let next = self.schedule?.next, next < window.upperBound {
            self.recorder.oldestUnsent = window.upperBound - next
        }
        self.recorder.unsent = self.schedule?.skip(to: window.upperBound, countingFrom: window.lowerBound) ?? 0
        self.endWhenQuiet()
    }

    private func endWhenQuiet() {
        guard self.phase == .draining, !self.pool.isBusy else { return }
        self.phase = .over
        for task in self.tasks { task.cancel() }
        self.tasks = []
        self.done.succeed(LoadResult(plan: self.plan, recorder: self.recorder, usage: self.meter.result))
    }
}
