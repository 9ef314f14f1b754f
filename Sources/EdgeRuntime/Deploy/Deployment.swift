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

    let targets: [Target]
    let table: RouteTable
    let tree: SourceTree
    let failures: [String: Failure]
    /// All that is wrong with the files as they are, in the order of the workers.
    public let diagnostics: [LoadDiagnostic]

    init(
        targets: [Target],
        table: RouteTable,
        tree: SourceTree,
        failures: [String: Failure],
        diagnostics: [LoadDiagnostic]
    ) {
        self.targets = targets
        self.table = table
        self.tree = tree
        self.failures = failures
        self.diagnostics = diagnostics
    }

    /// The loaded workers, sorted by name.
    public var workers: [Worker] {
        self.targets.compactMap { target in
            if case .worker(let worker) = target { worker } else { nil }
        }
    }

    /// The loaded worker of this name.
    public func worker(named name: String) -> Worker? {
        self.workers.first { $0.name == name }
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
        guard case .found(let hit) = self.match(request), case .worker(let found) = self.targets[hit.worker],
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
