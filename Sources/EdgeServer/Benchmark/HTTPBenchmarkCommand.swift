import Glibc
import NIOCore

/// `edgehost bench http`
public enum HTTPBenchmarkCommand {
    /// What the command line asks for. Times are in seconds.
    public struct Request: Sendable {
        /// Where to send the load; nil to start a server for ``worker``.
        public var url: String?
        public var worker: String?
        /// Path and query for ``worker``; nil for `/WORKER`.
        public var path: String?
        public var method = "GET"
        /// `Name: value` each.
        public var headers: [String] = []
        public var body: [UInt8] = []
        public var connections = 16
        /// `max`, or requests a second.
        public var rate = "max"
        /// `uniform` or `poisson`.
        public var arrivals = "uniform"
        public var seed: UInt64 = 1
        public var duration = 10.0
        public var warmUp = 1.0
        public var timeout = 10.0
        /// Of the server behind ``url``, to measure what it uses.
        public var pid: Int32?

        public init() {}
    }

    /// Makes the load and writes the report.
    ///
    /// - Parameters:
    ///   - json: a file for the JSON; `-` writes it instead of the table.
    ///   - write: gets the report for standard output.
    public static func run(
        _ options: ServerOptions,
        _ request: Request,
        json: String?,
        write: (String) -> Void
    ) throws {
        // Before any thread is started.
        let interrupts = try InterruptWatch()
        signal(SIGPIPE, SIG_IGN)
        let plan = try Self.plan(request)
        try Self.allowDescriptors(plan.connections + 64)
        let report = try Self.report(options, request, plan, interrupts)
        if json != "-" { write(report.text) }
        guard let json else { return }
        if json == "-" { write(report.json) } else { try Self.save(report.json, to: json) }
    }

    static func plan(_ request: Request) throws(LoadError) -> LoadPlan {
        var plan = LoadPlan()
        plan.connections = request.connections
        plan.warmUp = try LoadPlan.nanoseconds(request.warmUp, "--warmup")
        plan.duration = try LoadPlan.nanoseconds(request.duration, "--duration", minimum: 0.1)
        plan.timeout = try LoadPlan.nanoseconds(request.timeout, "--timeout", minimum: 0.001)
        plan.seed = request.seed
        guard let arrivals = ArrivalSchedule.Arrivals(rawValue: request.arrivals) else {
            throw LoadError("--arrivals is uniform or poisson; got '\(request.arrivals)'")
        }
        if request.rate != "max" {
            guard let rate = Double(request.rate) else {
                throw LoadError("--rate is max, or requests a second; got '\(request.rate)'")
            }
            plan.pace = .rate(rate, arrivals)
        }
        try plan.validate()
        return plan
    }

    private static func report(
        _ options: ServerOptions,
        _ request: Request,
        _ plan: LoadPlan,
        _ interrupts: InterruptWatch
    ) throws -> LoadReport {
        switch (request.url, request.worker) {
        case (let url?, nil):
            let target = try LoadTarget(
                url: url,
                method: request.method,
                headers: request.headers,
                body: request.body
            )
            let result = try Self.load(plan, target, pid: request.pid, interrupts)
            return LoadReport(target: target, worker: nil, result: result)
        case (nil, let worker?):
            let server = try ServerProcess.start(workers: options.workers, config: options.config)
            let target = try LoadTarget(
                host: server.endpoint.host,
                port: server.endpoint.port,
                path: request.path ?? (worker == "index" ? "/" : "/\(worker)"),
                method: request.method,
                headers: request.headers,
                body: request.body
            )
            let result = try Self.load(plan, target, pid: server.pid, interrupts)
            return LoadReport(target: target, worker: worker, result: result)
        default:
            throw LoadError("say where the load goes: --url URL for a server that runs, or --worker NAME to start one")
        }
    }

    private static func load(
        _ plan: LoadPlan,
        _ target: LoadTarget,
        pid: Int32?,
        _ interrupts: InterruptWatch
    ) throws -> LoadResult {
        try GeneratorLoop.run { eventLoop in
            let stop = eventLoop.makePromise(of: Void.self)
            interrupts.start { stop.succeed() }
            defer { interrupts.close() }
            return try LoadGenerator.run(plan, target: target, pid: pid, stop: stop.futureResult, on: eventLoop).wait()
        }
    }

    /// Raises the process's own limit of open files where it is too low.
    private static func allowDescriptors(_ count: Int) throws(LoadError) {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(count) else { return }
        guard limit.rlim_max >= rlim_t(count) else {
            let most = limit.rlim_max
            throw LoadError("\(count) open files are needed and \(most) allowed (ulimit -n): take fewer connections")
        }
        limit.rlim_cur = rlim_t(count)
        setrlimit(resource, &limit)
    }

    private static func save(_ text: String, to path: String) throws(LoadError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw LoadError("\(path) can't be written: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw LoadError("\(path) can't be written whole: \(String(cString: strerror(errno)))")
        }
    }
}
