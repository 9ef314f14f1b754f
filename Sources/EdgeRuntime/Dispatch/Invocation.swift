import EdgeIsolate
import EdgeStorage

/// One event on its way through one isolate: steps it, serves its calls, answers, and ends in an ``Outcome``.
///
///     start -> running -> done | failed | killed -> ended
///                |  ^
///                |  +-- reply, or the end of a background slice
///                +----> waiting (for a host call) or away (a background thread steps it)
///
// Unchecked Sendable: confined to its lane; while it is away it belongs to the one background thread that steps it, and the
// queues that hand it over order their accesses.
final class Invocation: @unchecked Sendable {
    private enum State: Equatable {
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
    let worker: Worker
    let event: Event
    let requestID: RequestID
    let sink: any ResponseSink
    var answer = Answer.none
    var kvCalls = 0
    var streamedBytes = 0
    private var isolate: Isolate?
    private var state = State.running
    private var tickets = 0
    private var backgroundStep: Step?
    private var wallTimer: (any LaneTimer)?
    /// Of the sleep under way; cancelled at the end, or it would hold the invocation for as long as the guest asked.
    var sleepTimer: (any LaneTimer)?
    private let startNanoseconds: UInt64
    /// Beyond the largest body or value: keys, options, header fields, and bodies a little over their limit, which can then
    /// be told as such.
    private static let messageSlack = 1 << 20
    private var restoreNanoseconds: UInt64 = 0

    init(gateway: WorkerGateway, worker: Worker, event: Event, requestID: RequestID, sink: any ResponseSink) {
        self.gateway = gateway
        self.worker = worker
        self.event = event
        self.requestID = requestID
        self.sink = sink
        self.startNanoseconds = gateway.services.clock.monotonicNanoseconds()
    }

    var wallDeadlineNanoseconds: UInt64 {
        self.startNanoseconds + UInt64(self.worker.manifest.limits.wallMilliseconds) * 1_000_000
    }

    /// Milliseconds until the wall-time limit.
    var remainingMilliseconds: Int {
        let now = self.gateway.services.clock.monotonicNanoseconds()
        let deadline = self.wallDeadlineNanoseconds
        return now >= deadline ? 0 : Int((deadline - now) / 1_000_000)
    }

    func start() {
        guard let isolate = self.gateway.lease(self.worker.image) else {
            self.end(.overloaded, failure: nil)
            return
        }
        let limits = self.worker.manifest.limits
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
        self.restoreNanoseconds = self.gateway.services.clock.monotonicNanoseconds() - self.startNanoseconds
        EventMessage.write(self.event, requestID: self.requestID, to: &self.gateway.writer)
        self.run()
    }

    /// Steps with what is in the lane's writer until the guest waits, is away, has ended, or has had its turn.
    private func run() {
        let slice = self.gateway.services.sliceNanoseconds
        let start = self.gateway.services.clock.monotonicNanoseconds()
        var elapsed: UInt64 = 0
        while true {
            let step = self.gateway.writer.bytes.withUnsafeBytes { self.step($0, slice - min(slice, elapsed)) }
            guard self.handle(step) else { return }
            elapsed = self.gateway.services.clock.monotonicNanoseconds() - start
            if slice > 0, elapsed >= slice {
                self.endTurn()
                return
            }
        }
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
            self.state = .away
            self.gateway.lane.offload { self.runInBackground() }
        case .killed(let reason):
            self.end(Outcome(reason), failure: self.explain(Outcome(reason)))
        }
        return false
    }

    private func step(_ message: UnsafeRawBufferPointer, _ sliceNanoseconds: UInt64) -> Step {
        guard
            let step = self.isolate?.step(
                message: message,
                unixMilliseconds: self.gateway.services.clock.unixMilliseconds(),
                sliceNanoseconds: sliceNanoseconds
            )
        else { preconditionFailure("an invocation that runs has an isolate") }
        return step
    }

    /// On a background thread. Each slice goes to the end of the queue, so that long requests share the threads.
    private func runInBackground() {
        let step = self.step(UnsafeRawBufferPointer(start: nil, count: 0), self.gateway.services.sliceNanoseconds)
        if case .preempted = step {
            self.gateway.lane.offload { self.runInBackground() }
            return
        }
        self.backgroundStep = step
        self.gateway.lane.execute { self.returnFromBackground() }
    }

    private func returnFromBackground() {
        guard let step = self.backgroundStep else { preconditionFailure("a background slice leaves its step") }
        self.backgroundStep = nil
        self.state = .running
        if self.handle(step) {
            self.run()
        }
    }

    private func serve(_ operation: UInt8, _ arguments: MessageReader) -> Bool {
        guard let operation = HostOperation(rawValue: operation) else {
            preconditionFailure("the prelude knows no operation \(operation)")
        }
        do throws(BindingError) {
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
        self.run()
    }

    private func wallTimeIsOver() {
        self.wallTimer = nil
        if case .waiting = self.state {
            self.end(.exceededWallTime, failure: self.explain(.exceededWallTime))
        }
    }

    /// Which limit ended the guest, and where it is set.
    private func explain(_ outcome: Outcome) -> ScriptFailure {
        let limits = self.worker.manifest.limits
        let text =
            switch outcome {
            case .exceededCPU: "it used up its \(limits.cpuMicroseconds / 1000) ms of CPU time (limits.cpu_ms)"
            case .exceededWallTime: "it took longer than \(limits.wallMilliseconds) ms (limits.wall_ms)"
            case .exceededMemory: "it needed more than \(limits.memoryBytes >> 20) MB of memory (limits.memory_mb)"
            case .exceededHostCalls: "it made more than \(limits.hostCalls) host calls (limits.host_calls)"
            default: "the virtual machine failed"
            }
        return ScriptFailure(message: "\(self.worker.file): \(text)", traceback: "")
    }

    private func finish(_ results: MessageReader) {
        guard case .none = self.answer else {
            self.end(.ok, failure: nil)
            return
        }
        do throws(ResponseError) {
            try self.respond(results)
            self.end(.ok, failure: nil)
        } catch {
            self.end(.exception, failure: ScriptFailure(message: error.message, traceback: ""))
        }
    }

    /// Sends what a handler returned.
    func respond(_ results: MessageReader) throws(ResponseError) {
        var response = try ResponseBuilder.read(results)
        let limit = self.worker.manifest.limits.responseBytes
        guard response.body.count <= limit else {
            throw ResponseError("the response is larger than \(limit >> 20) MB, the limit of response_mb")
        }
        if case .fetch(let request, _) = self.event, Preconditions.isNotModified(request, response.head) {
            response.head.status = 304
            response.body = UnsafeRawBufferPointer(start: nil, count: 0)
        }
        if self.gateway.services.isDevelopment {
            self.addTimings(to: &response.head)
        }
        self.answer = .sent(status: response.head.status)
        self.sink.respond(response.head, body: response.body)
    }

    private func addTimings(to head: inout HTTPResponseHead) {
        let wall = self.gateway.services.clock.monotonicNanoseconds() - self.startNanoseconds
        let cpu = self.isolate?.usage.cpuNanoseconds ?? 0
        let parts = [("restore", self.restoreNanoseconds), ("cpu", cpu), ("wall", wall)]
        let text = parts.map { "\($0.0);dur=\(Double($0.1 / 100) / 10_000)" }.joined(separator: ", ")
        head.fields.appendField(name: "server-timing", value: text)
    }

    private func end(_ outcome: Outcome, failure: ScriptFailure?) {
        precondition(self.state != .ended)
        self.state = .ended
        self.wallTimer?.cancel()
        self.wallTimer = nil
        self.sleepTimer?.cancel()
        self.sleepTimer = nil
        let status = self.answerFailure(outcome, failure)
        let now = self.gateway.services.clock.monotonicNanoseconds()
        var usage = Usage(cpuNanoseconds: 0, heapBytes: 0, hostCalls: 0, droppedLogRecords: 0)
        if let isolate = self.isolate.take() {
            usage = isolate.usage
            self.forwardLog(isolate.log, dropped: usage.droppedLogRecords)
            self.gateway.giveBack(isolate, of: self.worker.image, now: now)
        }
        self.gateway.invocationEnded()
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

    /// Answers in the worker's place where it has not; returns the status that was sent.
    private func answerFailure(_ outcome: Outcome, _ failure: ScriptFailure?) -> Int {
        switch self.answer {
        case .sent(let status), .streamed(let status):
            return status
        case .streaming(let status):
            self.sink.abort()
            return status
        case .none:
            let detail = failure.map { $0.traceback.isEmpty ? $0.message : "\($0.message)\n\($0.traceback)" }
            let document = ProblemDocument(
                outcome: outcome,
                worker: self.worker.name,
                requestID: "\(self.requestID)",
                detail: self.gateway.services.isDevelopment ? detail : nil
            )
            var body = document.body
            body.withUTF8 { self.sink.respond(document.head, body: UnsafeRawBufferPointer($0)) }
            return outcome.status
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
