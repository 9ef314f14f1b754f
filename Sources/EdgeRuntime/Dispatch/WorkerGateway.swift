import EdgeIsolate

/// Something that happens to a worker.
public enum Event: Sendable {
    /// An HTTP request, and what the placeholders of its route matched.
    case fetch(HTTPRequest, parameters: [RouteParameter])
}

/// The one door to the workers of a lane: every event enters here, whatever made it. Lives on its lane.
public final class WorkerGateway {
    let lane: any Lane
    let services: RuntimeServices
    /// Whether anybody reads reports of requests that went well.
    let reportsSuccess: Bool
    var writer = MessageWriter()
    /// The head of a response that is only a string; the lane's own, so that such a response allocates nothing and writes
    /// nothing that lanes share.
    let plainText = ResponseBuilder.makePlainText()
    private var pool: SlotPool
    private var ids = RequestIDGenerator()
    /// Invocations that have begun and not ended.
    public internal(set) var activeCount = 0
    /// Those of them that wait for an image.
    var waitingForImage = 0
    var backlog: LaneBacklog

    public init(lane: any Lane, services: RuntimeServices) {
        self.lane = lane
        self.services = services
        self.reportsSuccess = services.observer.observes(.ok)
        self.pool = SlotPool(maximumSlots: services.maximumIsolatesPerLane)
        self.backlog = LaneBacklog(guestNanoseconds: services.sliceNanoseconds)
    }

    /// Delivers an event; never throws: failure is an outcome, answered through `sink` and reported to the observer.
    public func deliver(_ event: Event, to worker: Worker, sink: any ResponseSink) {
        self.deliver(event, to: LaneWorker(worker), sink: sink)
    }

    func deliver(_ event: consuming Event, to worker: LaneWorker, sink: any ResponseSink) {
        if worker.isLoaded {
            self.begin(event, worker, sink)
        } else {
            self.deliverUnloaded(event, to: worker.worker, sink: sink)
        }
    }

    func begin(_ event: consuming Event, _ worker: LaneWorker, _ sink: any ResponseSink) {
        let invocation = Invocation(gateway: self, worker: worker, event: event, requestID: self.ids.next(), sink: sink)
        self.activeCount += 1
        invocation.start()
    }

    /// Answers an event that no worker takes.
    public func refuse(_ outcome: Outcome, worker: String?, allow: [String] = [], sink: any ResponseSink) {
        let requestID = self.ids.next()
        let document = ProblemDocument(outcome: outcome, worker: worker, requestID: requestID)
        var head = document.head
        if !allow.isEmpty {
            head.fields.appendField(name: "allow", value: allow.joined(separator: ", "))
        }
        document.body.withUnsafeBytes { sink.respond(head, body: $0) }
        self.services.observer.report(
            InvocationReport(
                worker: worker ?? "-",
                requestID: requestID,
                outcome: outcome,
                status: outcome.status,
                usage: Usage(cpuNanoseconds: 0, heapBytes: 0, hostCalls: 0, droppedLogRecords: 0),
                kvCalls: 0,
                restoreNanoseconds: 0,
                wallNanoseconds: 0,
                failure: nil
            )
        )
    }

    /// To be called every few seconds: gives back the memory of isolates that have rested for `seconds`, makes slots ready for workers
    /// that have none, and looks after requests that wait for a background thread.
    public func sweep(idleSeconds seconds: Int) {
        let now = self.services.clock.monotonicNanoseconds()
        let rest = UInt64(seconds) * 1_000_000_000
        let deadline = now > rest ? now - rest : 0
        self.pool.trim(idleSince: deadline)
        self.pool.prepare()
        self.services.background.trim(idleSince: deadline)
        self.services.background.nudge(from: self.lane)
    }

    /// Gives back the isolates of workers that are no longer deployed.
    public func forget(_ workers: [Worker]) {
        for worker in workers {
            self.pool.forget(worker.image)
        }
        self.services.background.forget(workers.map(\.image))
    }

    func lease(_ image: Image) -> Isolate? {
        IsolateLease.take(image, from: &self.pool)
    }

    /// Whether there is memory for an image that is not loaded and an isolate of it, once nothing rests here.
    func makeRoom(for image: Image) -> Bool {
        IsolateLease.makeRoom(for: image, in: &self.pool)
    }

    func giveBack(_ isolate: consuming Isolate, of image: Image, now: UInt64) {
        IsolateLease.giveBack(isolate, of: image, to: &self.pool, now: now)
    }

    func invocationEnded() {
        self.activeCount -= 1
    }
}
