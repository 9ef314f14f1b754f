import EdgeRuntime
import Glibc

/// `edgehost bench startup`
public enum StartupBenchmarkCommand {
    /// Measures what an isolate of one worker costs and writes the report once: a table with distributions, or one line of JSON.
    ///
    /// - Parameters:
    ///   - worker: its name; nil for `hello`, or the first by name where there is no `hello`.
    ///   - write: gets the report.
    /// - Throws: ``StartupBenchmarkCommandError``, `LoadError`, `StartupBenchmarkError`: each describes itself.
    public static func run(
        _ options: ServerOptions,
        worker: String?,
        json: Bool,
        write: (String) -> Void
    ) throws {
        let resolved = try options.resolve()
        let loader = DeploymentLoader(
            directory: resolved.workers,
            startup: resolved.host.startup,
            ceilings: resolved.host.ceilings,
            observer: SilentObserver()
        )
        let directory = resolved.workers
        try self.run(loader, workersDirectory: directory, worker: worker, json: json, plan: .standard, write: write)
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
        let benchmark = StartupBenchmark(worker: worker) { name in getenv(name).map { String(cString: $0) } }
        var report = StartupReport(
            worker: worker.name,
            imageBytes: worker.image.byteCount,
            relocationCount: worker.image.relocationCount,
            requestLine: benchmark.requestLine,
            clockNanoseconds: benchmark.clockNanoseconds
        )
        try benchmark.run(plan) { report.record($0, $1) }
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
