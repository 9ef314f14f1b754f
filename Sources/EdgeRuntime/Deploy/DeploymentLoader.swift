import EdgeIsolate

/// Makes deployments from a workers directory. First load, hot reload and SIGHUP are the same: read everything aside, build
/// what changed, keep the last good version of what is broken, compile the routes.
public struct DeploymentLoader: Sendable {
    private let directory: String
    private let startup: Budget
    private let ceilings: LimitCeilings
    private let clock: RuntimeClock
    private let observer: any InvocationObserver
    private let images: ImageStore?

    /// - Parameters:
    ///   - startup: the limits of a script's top level.
    ///   - images: where images are looked for and kept; nil to build them all.
    public init(
        directory: String,
        startup: Budget = Self.defaultStartup,
        ceilings: LimitCeilings = LimitCeilings(),
        clock: RuntimeClock = .system,
        observer: any InvocationObserver,
        images: ImageStore? = nil
    ) {
        self.directory = directory
        self.startup = startup
        self.ceilings = ceilings
        self.clock = clock
        self.observer = observer
        self.images = images
    }

    /// One second of CPU time and 128 MB of memory.
    public static let defaultStartup = Budget(
        cpuMicroseconds: 1_000_000,
        memoryBytes: 128 << 20,
        messageBytes: 16 << 20,
        hostCalls: 1000,
        logBytes: 64 << 10
    )

    /// Reads the directory and makes the next deployment. Takes as long as the top levels of all changed workers.
    ///
    /// - Parameters:
    ///   - only: the one worker to load, nil for all.
    ///   - usesIndex: whether a first load may take it from the index that nothing has changed since an earlier process.
    public func load(
        after previous: Deployment? = nil,
        only: String? = nil,
        usesIndex: Bool = true
    ) throws(LoadError) -> Deployment {
        if usesIndex, previous == nil, only == nil,
            let deployment = self.images?.start(self.directory, ceilings: self.ceilings)
        {
            return deployment
        }
        let tree = try SourceTree.scan(directory: self.directory, reusing: previous?.tree)
        var candidates = Candidates(tree: tree, previous: previous)
        let builder = self.makeBuilder()
        for source in tree.workers where only == nil || only == source.name {
            candidates.add(source, builder: builder)
        }
        candidates.keepUnreadable()
        return candidates.resolve()
    }

    private func makeBuilder() -> WorkerBuilder {
        WorkerBuilder(
            startup: self.startup,
            ceilings: self.ceilings,
            clock: self.clock,
            observer: self.observer,
            images: self.images,
            files: self.images?.files()
        )
    }

    /// The worker in place of one that is served and whose image is lost: of the same sources, its image found in the file as it is
    /// now, or built anew. Changes of the sources that nobody has deployed are left alone. nil where it can't be had, or has other routes.
    public func restore(_ worker: Worker) -> LoadedWorker? {
        let builder = self.makeBuilder()
        // Of a damaged file the head may be whole.
        if let found = builder.find(worker.source).flatMap({ LoadedWorker($0) }) { return found }
        guard let built = try? builder.build(worker.source), built.routes == worker.routes else { return nil }
        return LoadedWorker(built)
    }

    /// Writes the image of a worker that was restored, and what the next start needs to find it.
    public func keep(_ restored: LoadedWorker, in deployment: Deployment) {
        guard let images = self.images else { return }
        restored.worker.keep(in: images)
        images.keepIndex(of: deployment, ceilings: self.ceilings)
    }

    /// Writes the images that are in no file.
    public func keepImages(of deployment: Deployment) {
        guard let images = self.images, !deployment.isFromIndex else { return }
        for worker in deployment.workers { worker.keep(in: images) }
    }

    /// Writes the images, makes the next start from this deployment quick, and removes what nobody needs any more. For what this
    /// process serves.
    public func keep(_ deployment: Deployment, insteadOf before: Deployment? = nil) {
        deployment.readModules()
        self.keep(deployment, cleaning: .serving(deployment, insteadOf: before))
    }

    /// Writes the images and makes the next start quick. A server that runs finds all that it needs.
    public func keepAhead(_ deployment: Deployment) {
        self.keep(deployment, cleaning: .ahead)
    }

    private func keep(_ deployment: Deployment, cleaning: ImageStore.Cleaning) {
        guard let images = self.images else { return }
        self.keepImages(of: deployment)
        images.clean(cleaning)
        images.keepIndex(of: deployment, ceilings: self.ceilings)
    }
}

/// The workers of the next deployment while it is being put together.
private struct Candidates {
    private struct Candidate {
        var name: String
        var file: String
        var worker: Worker?
        /// What is served when `worker` can't be: the version before it.
        var previous: Worker?
    }

    private let tree: SourceTree
    private let previous: Deployment?
    private let previousWorkers: [String: Worker]
    /// Workers whose images are lost: built anew, and no versions to fall back to.
    private let lost: Set<String>
    private var candidates: [Candidate] = []
    private var failures: [String: Deployment.Failure] = [:]
    private var diagnostics: [LoadDiagnostic]

    init(tree: SourceTree, previous: Deployment?) {
        self.tree = tree
        self.previous = previous
        let workers = previous?.workers ?? []
        let usable = workers.filter { !$0.image.isLost }
        self.previousWorkers = Dictionary(uniqueKeysWithValues: usable.map { ($0.name, $0) })
        self.lost = Set(workers.lazy.filter(\.image.isLost).map(\.name))
        self.diagnostics = tree.diagnostics
    }

    mutating func add(_ source: WorkerSource, builder: WorkerBuilder) {
        let before = self.previousWorkers[source.name]
        var candidate = Candidate(name: source.name, file: source.entryPath, worker: nil, previous: before)
        if let same = before?.updated(to: source) {
            candidate.worker = same
            candidate.previous = same
        } else if let failure = self.previous?.failures[source.name],
            failure.fingerprint == source.fingerprint(requiring: failure.required)
        {
            self.record(failure, for: source.name)
            candidate.worker = before
        } else {
            do throws(WorkerLoadError) {
                // Not found again: of a damaged file the head may be whole.
                let isLost = self.lost.contains(source.name)
                candidate.worker = try isLost ? builder.build(source) : builder.load(source)
            } catch {
                let failure = Deployment.Failure(
                    fingerprint: source.fingerprint(requiring: error.required),
                    required: error.required,
                    diagnostics: error.diagnostics
                )
                if error.isTransient {
                    self.diagnostics += failure.diagnostics
                } else {
                    self.record(failure, for: source.name)
                }
                candidate.worker = before
            }
        }
        self.candidates.append(candidate)
    }

    /// Workers whose files exist but can't be read keep serving their last good version.
    mutating func keepUnreadable() {
        for name in self.tree.failedWorkers.sorted() where !self.candidates.contains(where: { $0.name == name }) {
            let before = self.previousWorkers[name]
            self.candidates.append(Candidate(name: name, file: before?.file ?? name, worker: before, previous: before))
        }
        self.candidates.sort { $0.name < $1.name }
    }

    /// Remembers what failed, so that it is not built again before its files change.
    private mutating func record(_ failure: Deployment.Failure, for name: String) {
        self.failures[name] = failure
        self.diagnostics += failure.diagnostics
    }

    /// Settles conflicts of routes: a version that is new in a conflict gives way to the one before it, and two new ones both
    /// do. Each round takes at least one version out, so it ends.
    mutating func resolve() -> Deployment {
        while true {
            let (table, conflicts) = RouteTable.build(self.claims())
            if conflicts.isEmpty {
                return self.deployment(table)
            }
            var replaced = false
            for conflict in conflicts {
                self.diagnostics.append(
                    LoadDiagnostic(
                        .error,
                        worker: self.candidates[conflict.second].name,
                        file: self.candidates[conflict.second].file,
                        message: conflict.description
                    )
                )
                for index in Set([conflict.first, conflict.second]) where self.isNew(index) {
                    self.candidates[index].worker = self.candidates[index].previous
                    replaced = true
                }
            }
            if !replaced {
                // Only versions served before are left, among them one that was unreadable and came back into a conflict.
                for conflict in conflicts {
                    self.candidates[conflict.second].worker = nil
                    self.candidates[conflict.second].previous = nil
                }
            }
        }
    }

    private func isNew(_ index: Int) -> Bool {
        self.candidates[index].worker != nil && self.candidates[index].worker !== self.candidates[index].previous
    }

    private func claims() -> [RouteClaim] {
        self.candidates.enumerated().flatMap { index, candidate in
            (candidate.worker?.routes ?? []).map { RouteClaim(worker: index, file: candidate.file, pattern: $0) }
        }
    }

    /// The final table also leads the default routes of workers that never loaded to their failure, where they are free.
    private func deployment(_ table: RouteTable) -> Deployment {
        let failed = self.candidates.enumerated().filter { $0.element.worker == nil }
        let claims = failed.flatMap { index, candidate in
            RoutePattern.defaults(forWorker: candidate.name).map {
                RouteClaim(worker: index, file: candidate.file, pattern: $0)
            }
        }
        let complete = claims.isEmpty ? table : RouteTable.build(self.claims() + claims).table
        return Deployment(
            targets: self.candidates.map { $0.worker.map { .worker($0) } ?? .failed(name: $0.name) },
            table: complete,
            tree: self.tree,
            failures: self.failures,
            diagnostics: self.diagnostics
        )
    }
}
