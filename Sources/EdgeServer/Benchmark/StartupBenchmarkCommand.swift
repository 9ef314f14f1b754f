import EdgeRuntime
import Glibc

/// `edgehost bench startup`
public enum StartupBenchmarkCommand {
    /// Measures what an isolate of one worker costs and writes the report once: a table with distributions, or one line of JSON.
    ///
    /// - Parameters:
    ///   - worker: its name; nil for `hello`, or the first by name where there is no `hello`.
    ///   - seconds: when to stop short of the planned samples.
    ///   - write: gets the report.
    /// - Throws: ``StartupBenchmarkCommandError``, `LoadError`, `StartupBenchmarkError`: each describes itself.
    public static func run(
        _ options: ServerOptions,
        worker: String?,
        seconds: Double,
        json: Bool,
        write: (String) -> Void
    ) throws {
        var plan = StartupPlan.standard
        plan.maximumNanoseconds = try LoadPlan.nanoseconds(seconds, "--seconds", minimum: 0.1)
        let (loader, directory) = try Self.loader(options)
        try self.run(loader, workersDirectory: directory, worker: worker, json: json, plan: plan, write: write)
    }

    /// Sends `requests` requests to a worker as `bench startup` does and times none, for tools that count what one does.
    public static func send(
        _ requests: Int,
        _ options: ServerOptions,
        worker name: String?,
        write: (String) -> Void
    ) throws {
        guard (1...Self.maximumRequests).contains(requests) else {
            throw LoadError("--requests is from 1 to \(Self.maximumRequests); got \(requests)")
        }
        let (loader, directory) = try Self.loader(options)
        let worker = try Self.choose(name, from: try loader.load(), directory: directory)
        let benchmark = StartupBenchmark(worker: worker, secret: Self.secret)
        try benchmark.send(requests)
        write("\(requests) times \(benchmark.requestLine), answered with \(benchmark.status)\n")
    }

    private static let maximumRequests = 1_000_000_000

    /// The loader, and the folder it reads.
    private static func loader(_ options: ServerOptions) throws -> (DeploymentLoader, String) {
        let resolved = try options.resolve()
        let loader = DeploymentLoader(
            directory: resolved.workers,
            startup: resolved.host.startup,
            ceilings: resolved.host.ceilings,
            observer: SilentObserver()
        )
        return (loader, resolved.workers)
    }

    private static func secret(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    static func run(
        workersDirectory: String,
        worker: String?,
        json: Bool,
        plan: StartupPlan,
        write: (String) -> Void
    ) throws {
        let loader = DeploymentLoader(directory: workersDirectory, observer: SilentObserver())
        try self.run(loader, workersDirectory: workersDirectory, worker: worker, json: json, plan: plan, write: write)
    }

    private static func run(
        _ loader: DeploymentLoader,
        workersDirectory: String,
        worker name: String?,
        json: Bool,
        plan: StartupPlan,
        write: (String) -> Void
    ) throws {
        let worker = try Self.choose(name, from: try loader.load(), directory: workersDirectory)
        let folder = try TemporaryFolder(prefix: "edgehost-bench")
        let images = ImageStore(path: "\(folder.path)/images", startup: DeploymentLoader.defaultStartup) { _ in }
        let benchmark = StartupBenchmark(worker: worker, images: images, secret: Self.secret)
        var report = StartupReport(
            worker: worker.name,
            imageBytes: worker.image.byteCount,
            relocationCount: worker.image.relocationCount,
            requestLine: benchmark.requestLine,
            clockNanoseconds: benchmark.clockNanoseconds
        )
        try withExtendedLifetime(folder) {
            try benchmark.run(plan) { report.record($0, $1) }
        }
        report.status = benchmark.status
        write(json ? report.json : report.text)
    }

    private static func choose(
        _ name: String?,
        from deployment: Deployment,
        directory: String
    ) throws(StartupBenchmarkCommandError) -> Worker {
        let workers = deployment.workers
        let errors = deployment.diagnostics.filter { $0.severity == .error }
        guard let name else {
            if let worker = deployment.worker(named: "hello") ?? workers.first { return worker }
            throw .noWorker(directory: directory, errors: errors)
        }
        if let worker = deployment.worker(named: name) { return worker }
        let own = errors.filter { $0.worker == name }
        if !own.isEmpty { throw .failedToLoad(worker: name, errors: own) }
        throw .unknownWorker(name, directory: directory, names: workers.map(\.name))
    }
}

/// Drops what the top levels log: the report is all that the command writes.
private struct SilentObserver: InvocationObserver {
    func report(_ report: InvocationReport) {}

    func log(_ record: GuestLogRecord) {}
}
