/// Every worker that is served, as of one load: immutable. Requests in flight end on the deployment they began with.
public final class Deployment: Sendable {
    /// Where a route leads.
    public enum Target: Sendable {
        case worker(Worker)
        /// No version of this worker has ever loaded.
        case failed(name: String)
    }

    /// A worker that could not be loaded as its files are now.
    struct Failure: Sendable {
        var fingerprint: Fingerprint
        var required: Set<String>
        var diagnostics: [LoadDiagnostic]
    }

    /// A target, or a worker that nobody has asked for yet.
    private enum Place {
        case known(Target)
        case kept(KeptWorker)
    }

    private enum Origin {
        case scan(SourceTree)
        case index(StartIndex)
    }

    /// By the workers' numbers in the table.
    private let places: [Place]
    let table: RouteTable
    private let origin: Origin
    let failures: [String: Failure]
    /// All that is wrong with the files as they are, in the order of the workers.
    public let diagnostics: [LoadDiagnostic]

    /// The deployment of a folder that is as the index says.
    init(workers: [KeptWorker], table: RouteTable, index: StartIndex) {
        self.places = workers.map { .kept($0) }
        self.table = table
        self.origin = .index(index)
        self.failures = [:]
        self.diagnostics = []
    }

    init(
        targets: [Target],
        table: RouteTable,
        tree: SourceTree,
        failures: [String: Failure],
        diagnostics: [LoadDiagnostic]
    ) {
        self.places = targets.map { .known($0) }
        self.table = table
        self.origin = .scan(tree)
        self.failures = failures
        self.diagnostics = diagnostics
    }

    /// With a worker of the same name and routes in place of one that is served.
    public func replacing(with worker: Worker) -> Deployment {
        let targets = self.places.indices.map { number in
            let target = self.target(number)
            guard case .worker(let served) = target, served.name == worker.name else { return target }
            return .worker(worker)
        }
        return Deployment(
            targets: targets,
            table: self.table,
            tree: self.tree,
            failures: self.failures,
            diagnostics: self.diagnostics
        )
    }

    /// What the files of the workers' images say of them.
    var records: [ImageRecord] {
        switch self.origin {
        case .scan: self.workers.compactMap(\.record)
        case .index(let index): index.workers.indices.compactMap { index.details($0)?.record }
        }
    }

    /// What the folder held.
    var tree: SourceTree {
        switch self.origin {
        case .scan(let tree): tree
        case .index(let index): index.tree
        }
    }

    /// Whether it was made without looking at any worker.
    var isFromIndex: Bool {
        if case .index = self.origin { true } else { false }
    }

    /// Whether some version of every worker is served.
    var isComplete: Bool {
        self.summaries.count == self.places.count
    }

    /// How many workers the table numbers.
    var targetCount: Int {
        self.places.count
    }

    /// Where the routes of the worker with this number lead.
    func target(_ number: Int) -> Target {
        switch self.places[number] {
        case .known(let target): target
        case .kept(let kept): kept.worker.map { .worker($0) } ?? .failed(name: kept.summary.name)
        }
    }

    /// The loaded workers, sorted by name.
    public var workers: [Worker] {
        self.places.indices.compactMap { number in
            if case .worker(let worker) = self.target(number) { worker } else { nil }
        }
    }

    /// What is told of ``workers``, which are not made for it.
    public var summaries: [WorkerSummary] {
        self.places.compactMap { place in
            switch place {
            case .known(.worker(let worker)): worker.summary
            case .known(.failed): nil
            case .kept(let kept): kept.summary
            }
        }
    }

    /// The loaded worker of this name.
    public func worker(named name: String) -> Worker? {
        let number = self.places.firstIndex { place in
            switch place {
            case .known(.worker(let worker)): worker.name == name
            case .known(.failed): false
            case .kept(let kept): kept.summary.name == name
            }
        }
        guard let number, case .worker(let worker) = self.target(number) else { return nil }
        return worker
    }

    /// Reads modules that handlers may require and that no start has needed yet, before they change.
    func readModules() {
        if case .index(let index) = self.origin { index.readModules() }
    }

    /// Whether every file loads.
    public var isHealthy: Bool {
        !self.diagnostics.contains { $0.severity == .error }
    }
}

/// What a reload changed, for people.
public struct DeploymentChanges: Sendable {
    public var added: [Worker] = []
    public var updated: [Worker] = []
    public var removed: [String] = []

    /// - Parameter previous: nil for the first load.
    public init(from previous: Deployment?, to next: Deployment) {
        var before = Dictionary(uniqueKeysWithValues: (previous?.workers ?? []).map { ($0.name, $0) })
        for worker in next.workers {
            switch before.removeValue(forKey: worker.name) {
            case nil: self.added.append(worker)
            case .some(let old) where old.image !== worker.image: self.updated.append(worker)
            default: break
            }
        }
        self.removed = before.keys.sorted()
    }
}

extension Deployment {
    /// What the placeholders of the worker's own route match in this request; empty where the route leads elsewhere.
    public func parameters(of request: HTTPRequest, for worker: Worker) -> [RouteParameter] {
        guard case .found(let hit) = self.match(request), case .worker(let found) = self.target(hit.worker),
            found === worker
        else { return [] }
        return hit.parameters
    }

    /// Looks the request's route up.
    func match(_ request: HTTPRequest) -> RouteMatch {
        request.head.bytes.withUnsafeBytes { bytes in
            func slice(_ span: ByteSpan) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(rebasing: bytes[span.range])
            }
            return self.table.match(
                method: slice(request.method),
                host: slice(request.host),
                path: slice(request.path)
            )
        }
    }
}
