import EdgeIsolate

/// A worker as one lane holds it.
///
/// A worker is shared by all lanes, and to count a reference to it is a write that the lanes' cores would fight over with each
/// request. Requests hold this object instead, and find here what each of them needs. See decision 18.
final class LaneWorker {
    /// Keeps alive what the unmanaged references below point to.
    let worker: Worker
    let limits: WorkerLimits
    /// The answer to a request that is refused for want of room.
    private(set) lazy var refusal = PreparedProblem(outcome: .overloaded, worker: self.worker.name)
    private let image: Unmanaged<Image>
    private let load: Unmanaged<WorkerLoad>

    init(_ worker: Worker) {
        self.worker = worker
        self.limits = worker.manifest.limits
        self.image = .passUnretained(worker.image)
        self.load = .passUnretained(worker.load)
    }

    /// Calls `body` with the image without counting a reference to it.
    func withImage(_ body: (Image) -> Void) {
        self.image._withUnsafeGuaranteedRef { body($0) }
    }

    /// Whether the image is in memory now; see ``Image/isLoaded``.
    var isLoaded: Bool {
        self.image._withUnsafeGuaranteedRef { $0.isLoaded }
    }

    /// Calls `body` with the load of all lanes without counting a reference to it.
    func withLoad<R>(_ body: (WorkerLoad) -> R) -> R {
        self.load._withUnsafeGuaranteedRef { body($0) }
    }
}

/// A deployment as one lane holds it, for the same reason.
final class LaneDeployment {
    enum Target {
        case worker(LaneWorker)
        case failed(name: String)
    }

    let deployment: Deployment
    private let uncounted: Unmanaged<Deployment>
    /// By the numbers of the deployment's targets; made when a request first comes for one.
    private var targets: [Target?]

    init(_ deployment: Deployment) {
        self.deployment = deployment
        self.uncounted = .passUnretained(deployment)
        self.targets = Array(repeating: nil, count: deployment.targetCount)
    }

    func match(_ request: HTTPRequest) -> RouteMatch {
        self.uncounted._withUnsafeGuaranteedRef { $0.match(request) }
    }

    func target(_ number: Int) -> Target {
        if let target = self.targets[number] { return target }
        switch self.deployment.target(number) {
        case .worker(let worker):
            let target = Target.worker(LaneWorker(worker))
            self.targets[number] = target
            return target
        case .failed(let name):
            // Not kept: a worker that could not be made may be later.
            return .failed(name: name)
        }
    }
}
