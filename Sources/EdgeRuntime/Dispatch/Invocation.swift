import EdgeIsolate
import EdgeStorage

/// One event on its way through one isolate: steps it, serves its calls, answers, and ends in an ``Outcome``.
///
///     start -> running -> done | failed | killed -> ended
///       |        |  ^
///       |        |  +-- reply, or the end of the background's part
///       |        +----> waiting (for a host call) or away (a background thread steps it)
///       +-------------> away, for a worker whose requests are known to be long, or where the lane has fallen behind
///
// Unchecked Sendable: confined to its lane; while it is away it belongs to the one background thread that steps it, and the
// queues that hand it over order their accesses.
final class Invocation: @unchecked Sendable {
    enum State: Equatable {
        case running
        /// For the reply to the call with this ticket.
        case waiting(Int)
        case away
        case ended
    }

    enum Answer {
        case none
        case sent(status: Int)
        case streaming(status: Int)
        case streamed(status: Int)
    }

    let gateway: WorkerGateway
    let laneWorker: LaneWorker
    /// For what not every request needs.
    var worker: Worker { self.laneWorker.worker }
    let event: Event
    let requestID: RequestID
    let sink: any ResponseSink
    var answer = Answer.none
    var kvCalls = 0
    var streamedBytes = 0
    private var isolate: Isolate?
    /// While it waits for its turn without an isolate: the image stays what it is.
    private var imageHold: ImageHold?
    var hasIsolate: Bool { self.isolate != nil }
    /// Of all steps so far.
    var cpuNanoseconds: UInt64 { self.isolate?.usage.cpuNanoseconds ?? 0 }
    private(set) var state = State.running
    /// How often it was suspended.
    private var tickets = 0
    /// It is long: from now on background threads step it, and it comes to its lane for host calls only.
    private(set) var isLong = false
    /// What a background thread begins its step with, and what the step came to. nil where none could begin.
    var backgroundMessage: [UInt8] = []
    var backgroundStep: Step?
    /// Its isolate is from the background's pool.
    var isFromBackground = false
    /// Whether the worker's load counts it.
    private var isCounted = false
    private var wallTimer: (any LaneTimer)?
    /// Of the sleep under way; cancelled at the end, or it would hold the invocation for as long as the guest asked.
    var sleepTimer: (any LaneTimer)?
    let startNanoseconds: UInt64
    /// Beyond the largest body or value: keys, options, header fields, and bodies a little over their limit, which can then
    /// be told as such.
    private static let messageSlack = 1 << 20
    private(set) var restoreNanoseconds: UInt64 = 0

    init(gateway: WorkerGateway, worker: LaneWorker, event: Event, requestID: RequestID, sink: any ResponseSink) {
        self.gateway = gateway
        self.laneWorker = worker
        self.event = event
        self.requestID = requestID
        self.sink = sink
        self.startNanoseconds = gateway.services.clock.monotonicNanoseconds()
    }

    var wallDeadlineNanoseconds: UInt64 {
        self.startNanoseconds + UInt64(self.laneWorker.limits.wallMilliseconds) * 1_000_000
    }

    /// Milliseconds until the wall-time limit.
    var remainingMilliseconds: Int {
        let now = self.gateway.services.clock.monotonicNanoseconds()
        let deadline = self.wallDeadlineNanoseconds
        return now >= deadline ? 0 : Int((deadline - now) / 1_000_000)
    }

    func start() {
        guard self.isAdmitted else {
            self.end(.overloaded, failure: nil)
            return
        }
        if self.laneWorker.withLoad({ $0.isHeavy }) {
            self.isLong = true
            self.state = .away
            self.count()
            self.imageHold = self.worker.image.hold()
            if !self.gateway.services.background.begin(self) {
                self.end(.overloaded, failure: nil)
            }
            return
        }
        if self.gateway.isBehind(for: self.laneWorker) {
            // Not counted: what a worker has waiting on a lane is bounded there, and runs one at a time.
            self.state = .away
            self.imageHold = self.worker.image.hold()
            self.gateway.wait(self)
            return
        }
        self.begin(since: self.startNanoseconds)
    }

    /// Whether the worker's concurrency allows one more.
    private var isAdmitted: Bool {
        let maximum = self.laneWorker.limits.concurrency
        return self.laneWorker.withLoad { $0.admits(maximum: maximum) }
    }

    /// Begins after it has waited on its lane.
    func takeTurn() {
        precondition(self.state == .away && !self.hasIsolate)
        self.state = .running
        guard self.isAdmitted else {
            self.end(.overloaded, failure: nil)
            return
        }
        self.begin(since: self.gateway.services.clock.monotonicNanoseconds())
    }

    /// - Parameter start: when its turn on the lane began.
    private func begin(since start: UInt64) {
        var leased: Isolate?
        self.laneWorker.withImage { leased = self.gateway.lease($0) }
        guard let isolate = leased.take() else {
            self.end(.overloaded, failure: nil)
            return
        }
        self.restore(isolate)
        EventMessage.write(self.event, requestID: self.requestID, to: &self.gateway.writer)
        self.run(since: start)
    }

    /// From now on the request takes part in the worker's load: it is not over at once. One that is would be a write to memory
    /// that all lanes share, and each lane has one such request at most.
    private func count() {
        guard !self.isCounted else { return }
        self.isCounted = true
        self.worker.load.enter()
    }

    /// Makes the isolate this invocation's own.
    func restore(_ isolate: consuming Isolate) {
        let before = self.gateway.services.isDevelopment ? self.gateway.services.clock.monotonicNanoseconds() : 0
        let limits = self.laneWorker.limits
        isolate.restore(
            budget: Budget(
                cpuMicroseconds: limits.cpuMicroseconds,
                wallDeadlineNanoseconds: self.wallDeadlineNanoseconds,
                memoryBytes: limits.memoryBytes,
                messageBytes: max(limits.responseBytes, KVLimits.valueBytes) + Self.messageSlack,
                hostCalls: limits.hostCalls,
                logBytes: limits.logBytes
            )
        )
        self.isolate = consume isolate
        self.imageHold = nil
        if self.gateway.services.isDevelopment {
            self.restoreNanoseconds = self.gateway.services.clock.monotonicNanoseconds() - before
        }
    }

    /// Steps with what is in the lane's writer until the guest waits, is away, has ended, or has had its turn.
    ///
    /// - Parameter start: when the turn began.
    private func run(since start: UInt64) {
        if self.isLong {
            self.goAway(with: self.gateway.writer.bytes)
            return
        }
        let slice = self.gateway.services.sliceNanoseconds
        var elapsed: UInt64 = 0
        while true {
            let step = self.gateway.writer.withUnsafeBytes { self.step($0, slice - min(slice, elapsed)) }
            guard self.handle(step) else { return }
            elapsed = self.gateway.services.clock.monotonicNanoseconds() - start
            if slice > 0, elapsed >= slice {
                self.endTurn()
                return
            }
        }
    }

    private func goAway(with message: [UInt8]) {
        self.state = .away
        self.count()
        self.backgroundMessage = message
        self.gateway.services.background.goOn(self)
    }

    /// Lets the lane's other work go first: a guest that calls the host often is never preempted by its slice.
    private func endTurn() {
        let reply = self.gateway.writer.bytes
        let ticket = self.suspend()
        self.gateway.lane.execute {
            self.resume(ticket) { $0.replace(with: reply) }
        }
    }

    /// Whether a reply is in the lane's writer, so that the guest can go on at once.
    private func handle(_ step: Step) -> Bool {
        switch step {
        case .call(let operation, let arguments):
            return self.serve(operation, arguments)
        case .done(let results):
            self.finish(results)
        case .failed(let failure):
            self.end(.exception, failure: failure)
        case .preempted:
            self.isLong = true
            self.worker.load.observe(turnNanoseconds: 2 * self.gateway.services.sliceNanoseconds)
            self.goAway(with: [])
        case .killed(let reason):
            self.end(Outcome(reason), failure: self.explain(Outcome(reason)))
        }
        return false
    }

    func step(_ message: UnsafeRawBufferPointer, _ sliceNanoseconds: UInt64) -> Step {
        guard
            let step = self.isolate?.step(
                message: message,
                unixMilliseconds: self.gateway.services.clock.unixMilliseconds(),
                sliceNanoseconds: sliceNanoseconds
            )
        else { preconditionFailure("an invocation that runs has an isolate") }
        return step
    }

    /// Back on the lane after a background thread's part.
    func returnFromBackground() {
        precondition(self.state == .away)
        self.state = .running
        guard let step = self.backgroundStep.take() else {
            self.end(.overloaded, failure: nil)
            return
        }
        if self.handle(step) {
            self.run(since: self.gateway.services.clock.monotonicNanoseconds())
        }
    }

    private func serve(_ operation: UInt8, _ arguments: MessageReader) -> Bool {
        guard let operation = HostOperation(rawValue: operation) else {
            preconditionFailure("the prelude knows no operation \(operation)")
        }
        do throws(BindingError) {
            if try self.serveDirectly(operation, arguments) { return true }
            return try self.serve(operation, CallArguments(arguments, name: operation.name), raw: arguments)
        } catch {
            self.gateway.writer.failReply(error.message)
            return true
        }
    }

    /// Does work on the guest's behalf and counts its CPU time as the guest's.
    func charging<R, E: Error>(_ work: () throws(E) -> R) throws(E) -> R {
        let before = RuntimeClock.threadCPUNanoseconds()
        defer { self.isolate?.charge(cpuNanoseconds: RuntimeClock.threadCPUNanoseconds() - before) }
        return try work()
    }

    /// Suspends the guest; the ticket must come back through ``resume(_:_:)``.
    func suspend() -> Int {
        precondition(self.state == .running)
        self.count()
        self.tickets += 1
        self.state = .waiting(self.tickets)
        if self.wallTimer == nil {
            // Only now: a request that never waits is watched by the guard alone and costs no timer.
            self.wallTimer = self.gateway.lane.schedule(afterMilliseconds: self.remainingMilliseconds + 1) {
                self.wallTimeIsOver()
            }
        }
        return self.tickets
    }

    /// Takes a suspension back: the call failed before it began.
    func unsuspend() {
        self.state = .running
    }

    /// Goes on with the reply that `write` puts into the lane's writer; ignored where the call is no longer waited for.
    func resume(_ ticket: Int, _ write: (inout MessageWriter) -> Void) {
        guard self.state == .waiting(ticket) else { return }
        self.state = .running
        write(&self.gateway.writer)
        self.run(since: self.gateway.services.clock.monotonicNanoseconds())
    }

    private func wallTimeIsOver() {
        self.wallTimer = nil
        if case .waiting = self.state {
            self.end(.exceededWallTime, failure: self.explain(.exceededWallTime))
        }
    }

    func end(_ outcome: Outcome, failure: ScriptFailure?) {
        precondition(self.state != .ended)
        self.state = .ended
        if self.tickets > 0 { self.cancelTimers() }
        let isReported = outcome != .ok || self.gateway.reportsSuccess
        // The order of idle isolates needs no finer clock where the request did not wait.
        let isTimed = isReported || self.isCounted
        let now = isTimed ? self.gateway.services.clock.monotonicNanoseconds() : self.startNanoseconds
        let usage = self.giveBackIsolate(now: now)
        if self.isCounted { self.worker.load.leave() }
        // Last: the client may come with its next request at once, and this one must not stand in its way.
        let status = self.answerFailure(outcome, failure)
        self.gateway.invocationEnded()
        guard isReported else { return }
        self.gateway.services.observer.report(
            InvocationReport(
                worker: self.worker.name,
                requestID: self.requestID,
                outcome: outcome,
                status: status,
                usage: usage,
                kvCalls: self.kvCalls,
                restoreNanoseconds: self.restoreNanoseconds,
                wallNanoseconds: now - self.startNanoseconds,
                failure: failure
            )
        )
    }

    private func cancelTimers() {
        self.wallTimer?.cancel()
        self.wallTimer = nil
        self.sleepTimer?.cancel()
        self.sleepTimer = nil
    }

    /// Returns what the guest has used.
    private func giveBackIsolate(now: UInt64) -> Usage {
        guard let isolate = self.isolate.take() else {
            return Usage(cpuNanoseconds: 0, heapBytes: 0, hostCalls: 0, droppedLogRecords: 0)
        }
        let usage = isolate.usage
        let log = isolate.log
        if !log.isAtEnd || usage.droppedLogRecords > 0 { self.forwardLog(log, dropped: usage.droppedLogRecords) }
        let turn = usage.cpuNanoseconds / UInt64(self.tickets + 1)
        let isShort = self.laneWorker.withLoad {
            $0.observe(turnNanoseconds: turn)
            return $0.isShort
        }
        if !isShort, !self.isLong { self.gateway.note(turnNanoseconds: turn) }
        self.giveBack(isolate, now: now)
        return usage
    }

    private func giveBack(_ isolate: consuming Isolate, now: UInt64) {
        guard !self.isFromBackground else {
            self.gateway.services.background.giveBack(isolate, of: self.worker.image, now: now)
            return
        }
        // A closure can't consume what it captures.
        var isolate = Optional(isolate)
        self.laneWorker.withImage { image in
            guard let isolate = isolate.take() else { return }
            self.gateway.giveBack(isolate, of: image, now: now)
        }
    }

    private func forwardLog(_ log: MessageReader, dropped: Int) {
        GuestLog.forward(log, worker: self.worker.name, requestID: self.requestID, to: self.gateway.services.observer)
        if dropped > 0 {
            self.gateway.services.observer.log(
                GuestLogRecord(
                    worker: self.worker.name,
                    requestID: "\(self.requestID)",
                    level: .warn,
                    message: "log lines over the limit of log_kb were dropped",
                    fields: [("dropped", "\(dropped)")]
                )
            )
        }
    }
}
