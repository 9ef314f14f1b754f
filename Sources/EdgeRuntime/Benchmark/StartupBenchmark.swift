import EdgeIsolate
import EdgeStorage

/// Measures what an isolate of one worker costs, from nothing to an answered request. Keeps the calling thread to itself.
///
/// Requests run on a store in memory. Each sample includes the reading of the clock, ``clockNanoseconds``.
public final class StartupBenchmark {
    public let worker: Worker
    /// What one reading of the clock adds to every sample.
    public let clockNanoseconds: UInt64
    private let builder: WorkerBuilder
    private let request: BenchmarkRequest
    private let lane = BenchmarkLane()
    private let sink = BenchmarkSink()
    private let observer: BenchmarkObserver
    private let gateway: WorkerGateway
    private var warmSlot = SlotPool(maximumSlots: 1)
    /// Keeps no spare slot, so that every lease maps one.
    private var newSlot = SlotPool(maximumSlots: 1, maximumSpare: 0)
    /// Keeps the one it has ready, so that every lease but the first gets it.
    private var readySlot = SlotPool(maximumSlots: 1, maximumSpare: 1, maximumReady: 1)
    private var samples: [UInt64] = []
    /// The worker's image once more, in a file; nil where it can't be kept in one.
    private let kept: Image?
    /// Keeps the image in memory that the other measures start from.
    private let hold: ImageHold?

    /// - Parameters:
    ///   - startup: the limits of the top level, as the worker was loaded with.
    ///   - images: where to keep the image that ``StartupMeasure/disk`` reads; nil to leave that out.
    ///   - secret: the value of a declared secret.
    public init(
        worker: Worker,
        startup: Budget = DeploymentLoader.defaultStartup,
        images: ImageStore? = nil,
        secret: @escaping @Sendable (String) -> String?
    ) {
        let observer = BenchmarkObserver()
        self.worker = worker
        // Before it is in a file, which an image leaves memory for.
        self.hold = worker.image.hold()
        self.kept = images.flatMap { $0.secondImage(of: worker) }
        self.clockNanoseconds = Stopwatch.cost()
        self.builder = WorkerBuilder(
            startup: startup,
            ceilings: LimitCeilings(),
            clock: .system,
            observer: observer,
            images: nil
        )
        self.request = BenchmarkRequest(worker: worker)
        self.observer = observer
        self.gateway = WorkerGateway(
            lane: self.lane,
            services: RuntimeServices(store: MemoryStore(), observer: observer, secret: secret, isDevelopment: false)
        )
    }

    /// The request that is sent, for people: `GET /hello`.
    public var requestLine: String { self.request.line }

    /// The status of the last answer.
    public var status: Int { self.sink.status }

    /// Takes the samples.
    ///
    /// - Parameter record: gets the samples of one measure in one round, in ns, at least one; called between samples. None of `disk`
    ///   where there is no file.
    public func run(
        _ plan: StartupPlan,
        record: (StartupMeasure, [UInt64]) -> Void
    ) throws(StartupBenchmarkError) {
        // A worker that takes milliseconds is not helped by much warming up, and needs its time for samples.
        let warmUpDeadline = Stopwatch.now() + plan.maximumNanoseconds / 10
        try self.rounds(plan.warmUpRounds, of: plan, until: warmUpDeadline) { _, _ in }
        let deadline = Stopwatch.now() + plan.maximumNanoseconds
        try self.rounds(plan.rounds, of: plan, until: deadline, record: record)
    }

    private func rounds(
        _ count: Int,
        of plan: StartupPlan,
        until deadline: UInt64,
        record: (StartupMeasure, [UInt64]) -> Void
    ) throws(StartupBenchmarkError) {
        for round in 0..<count {
            for measure in StartupMeasure.allCases {
                if round > 0, Stopwatch.now() >= deadline { return }
                self.samples.removeAll(keepingCapacity: true)
                switch measure {
                case .fresh: try self.measureFresh(plan.slowSamples, until: deadline)
                case .restore: try self.measureRestore(plan.fastSamples, until: deadline)
                case .relocate:
                    try self.measureStart(self.worker.image, in: &self.newSlot, plan.slowSamples, until: deadline)
                case .ready:
                    self.readySlot.prepare()
                    try self.measureStart(self.worker.image, in: &self.readySlot, plan.slowSamples, until: deadline)
                case .disk:
                    guard let kept = self.kept else { continue }
                    try self.measureStart(kept, in: &self.newSlot, plan.slowSamples, until: deadline)
                case .request: try self.measureRequest(plan.fastSamples, until: deadline)
                }
                record(measure, self.samples)
            }
        }
    }

    /// Takes `count` samples, fewer when `deadline` passes, at least one.
    @inline(__always)
    private func take(
        _ count: Int,
        until deadline: UInt64,
        _ body: () throws(StartupBenchmarkError) -> Stopwatch.Interval
    ) throws(StartupBenchmarkError) {
        self.samples.reserveCapacity(count)
        for _ in 0..<count {
            let interval = try body()
            self.samples.append(interval.end - interval.start)
            if interval.end >= deadline { return }
        }
    }

    private func measureFresh(_ count: Int, until deadline: UInt64) throws(StartupBenchmarkError) {
        try self.take(count, until: deadline) { () throws(StartupBenchmarkError) in
            do throws(BuildError) {
                let start = Stopwatch.now()
                let isolate = try self.builder.start(self.worker.source, manifest: self.worker.manifest)
                let end = Stopwatch.now()
                Self.release(isolate)
                return Stopwatch.Interval(start: start, end: end)
            } catch {
                let diagnostic = LoadDiagnostic(error, source: self.worker.source, startup: self.builder.startup)
                throw .build(worker: self.worker.name, diagnostic: diagnostic)
            }
        }
    }

    /// After the second reading of the clock: unmapping a slot is no part of a start.
    private static func release(_ isolate: consuming IsolateBuilder) {}

    private func measureRestore(_ count: Int, until deadline: UInt64) throws(StartupBenchmarkError) {
        guard let isolate = self.warmSlot.lease(self.worker.image) else {
            throw .noAddressSpace(worker: self.worker.name)
        }
        let budget = self.budget
        try self.take(count, until: deadline) { () throws(StartupBenchmarkError) in
            let start = Stopwatch.now()
            isolate.restore(budget: budget)
            return Stopwatch.Interval(start: start, end: Stopwatch.now())
        }
        self.warmSlot.giveBack(isolate, of: self.worker.image, now: 0)
    }

    /// The first isolate of an image in a pool that has none of it.
    private func measureStart(
        _ image: Image,
        in pool: inout SlotPool,
        _ count: Int,
        until deadline: UInt64
    ) throws(StartupBenchmarkError) {
        let budget = self.budget
        try self.take(count, until: deadline) { () throws(StartupBenchmarkError) in
            let start = Stopwatch.now()
            guard let isolate = pool.lease(image) else {
                throw image.isLost ? .imageLost(worker: self.worker.name) : .noAddressSpace(worker: self.worker.name)
            }
            isolate.restore(budget: budget)
            let end = Stopwatch.now()
            pool.giveBack(isolate, of: image, now: 0)
            pool.forget(image)
            return Stopwatch.Interval(start: start, end: end)
        }
    }

    /// Sends requests as `request` measures them, without a clock.
    public func send(_ count: Int) throws(StartupBenchmarkError) {
        for _ in 0..<count {
            self.deliver()
        }
        try self.checkAnswers()
    }

    @inline(__always)
    private func deliver() {
        self.gateway.deliver(self.request.event, to: self.worker, sink: self.sink)
        while self.gateway.activeCount > 0 {
            self.lane.runNext()
        }
    }

    private func checkAnswers() throws(StartupBenchmarkError) {
        if let failure = self.observer.failure {
            throw .request(worker: self.worker.name, line: self.requestLine, failure: failure)
        }
    }

    private func measureRequest(_ count: Int, until deadline: UInt64) throws(StartupBenchmarkError) {
        try self.take(count, until: deadline) { () throws(StartupBenchmarkError) in
            let start = Stopwatch.now()
            self.deliver()
            return Stopwatch.Interval(start: start, end: Stopwatch.now())
        }
        try self.checkAnswers()
    }

    /// What a request of the worker may use; no guest runs under it here.
    private var budget: Budget {
        let limits = self.worker.manifest.limits
        return Budget(
            cpuMicroseconds: limits.cpuMicroseconds,
            memoryBytes: limits.memoryBytes,
            messageBytes: limits.responseBytes,
            hostCalls: limits.hostCalls,
            logBytes: limits.logBytes
        )
    }
}
