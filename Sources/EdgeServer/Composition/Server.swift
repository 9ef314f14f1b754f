import EdgeRuntime
import EdgeStorage
import Glibc
import Logging
import NIOCore
import NIOPosix

/// The composition root of a server: makes everything that lives long, connects it, and takes it down in order.
public final class Server {
    private let options: ResolvedOptions
    private let lines = LineQueue(console: .error)
    private let receipts = LineQueue(console: .output)
    private let logger: Logger
    private let store: LMDBStore
    private let group: MultiThreadedEventLoopGroup
    private let background: NIOThreadPool
    private let loading = NIOThreadPool(numberOfThreads: 1)
    private let lanes: LaneGroup
    private let listener: HTTPListener
    private let reloader: Reloader
    private let renewal: TLSRenewal?

    /// How long requests in flight may take to finish at a shutdown.
    private static let grace = TimeAmount.seconds(30)

    /// Opens the store, loads the workers and listens.
    private init(_ options: ResolvedOptions, sandbox: Sandbox) throws {
        self.options = options
        self.logger = try Self.logger(options, self.lines)
        let observer = LoggingObserver(logger: self.logger, receipts: options.isDevelopment ? self.receipts : nil)
        self.store = try Stores.openAsServer(options.data, logger: self.logger)
        let loader = DeploymentLoader(
            directory: options.workers,
            startup: options.host.startup,
            ceilings: options.host.ceilings,
            observer: observer
        )
        let deployment = try loader.load()
        let tls = try options.tls.map { files in try TLSCredentials(files) }
        let secrets = Secrets(folder: options.host.secrets)
        let threads = options.host.threads ?? System.coreCount
        let backgroundThreads = max(2, threads)
        RuntimeServices.limitIsolateMemory(to: options.host.isolateMemoryBytes ?? MemoryCeiling.standard())
        let services = RuntimeServices(
            store: self.store,
            observer: observer,
            background: BackgroundQueue(threads: backgroundThreads),
            secret: { secrets.value($0) },
            isDevelopment: options.isDevelopment
        )
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        self.background = NIOThreadPool(numberOfThreads: backgroundThreads)
        self.background.start()
        self.loading.start()
        let lanes = LaneGroup(deployment: deployment, services: services, background: self.background)
        self.lanes = lanes
        self.reloader = Reloader(loader: loader, lanes: lanes, thread: self.loading, logger: self.logger)
        self.listener = try HTTPListener.bind(
            to: options.endpoint,
            group: self.group,
            configuration: Self.configuration(options, self.logger),
            tls: tls
        ) { eventLoop, _ in
            lanes.makeApplication(on: eventLoop)
        }.wait()
        let (loop, thread, logger) = (self.group.next(), self.loading, self.logger)
        self.renewal = tls.map { TLSRenewal($0, eventLoop: loop, thread: thread, logger: logger) }
        self.announce(deployment, sandbox)
    }

    /// Serves until SIGTERM or SIGINT; SIGHUP loads the workers and the certificate again. Returns after a graceful shutdown.
    public static func run(_ options: ServerOptions) throws {
        // Before any thread is started: all inherit the blocked signals.
        let signals = SignalWaiter()
        signal(SIGPIPE, SIG_IGN)
        let resolved = try options.resolve()
        let server = try Server(resolved, sandbox: resolved.enterSandbox())
        let watcher = try server.watch()
        while true {
            let signal = signals.next()
            guard signal == SIGHUP else { break }
            server.reloader.request()
            server.renewal?.request()
        }
        watcher?.stop()
        signals.release()
        try server.shutdown()
    }

    private func announce(_ deployment: Deployment, _ sandbox: Sandbox) {
        let version: Logger.Metadata = [
            "version": "\(RuntimeVersion.number)", "lua": "\(RuntimeVersion.lua)", "sandbox": "\(sandbox.text)",
        ]
        if RuntimeVersion.isLuaPatched {
            self.logger.info("starting", metadata: version)
        } else {
            self.logger.warning("starting with a Lua that has known faults: build with make", metadata: version)
        }
        for wall in sandbox.missing {
            self.logger.warning("the sandbox lacks a wall", metadata: ["missing": "\(wall)"])
        }
        for line in DeploymentText.lines(deployment.diagnostics) {
            Console.error.line(line)
        }
        for worker in deployment.workers {
            Console.output.line(DeploymentText.line(worker))
        }
        let scheme = self.renewal == nil ? "http" : "https"
        Console.output.line("listening on \(scheme)://\(self.listener.endpoint)")
    }

    private func watch() throws -> FileWatcher? {
        guard self.options.isDevelopment else { return nil }
        let reloader = self.reloader
        let logger = self.logger
        let watcher = FileWatcher(
            directory: self.options.workers,
            onChange: { reloader.request() },
            onError: { logger.error("watching the workers failed", metadata: ["error": "\($0)"]) }
        )
        try watcher.start()
        // What changed between the first load and the watch would be missed otherwise.
        reloader.request()
        return watcher
    }

    private func shutdown() throws {
        self.logger.info("shutting down: requests in flight finish first")
        let deadline = NIODeadline.now() + Self.grace
        try self.listener.shutdown(grace: Self.grace).wait()
        try self.finishInvocations(until: deadline)
        self.renewal?.stop()
        // Before the event loops: a load that is under way waits for them to take its result.
        try self.loading.syncShutdownGracefully()
        // A slice that ends in the background needs its event loop.
        try self.background.syncShutdownGracefully()
        self.store.close()
        try self.group.syncShutdownGracefully()
        self.lines.close()
        self.receipts.close()
    }

    /// Waits for work that goes on after its response (`ctx:wait_until`).
    private func finishInvocations(until deadline: NIODeadline) throws {
        while try self.lanes.activeInvocations() > 0, NIODeadline.now() < deadline {
            usleep(10_000)
        }
    }

    private static func configuration(
        _ options: ResolvedOptions,
        _ logger: Logger
    ) throws(ConfigurationError) -> HTTPServerConfiguration {
        var configuration = try HTTPServerConfiguration(options.host)
        let room = DescriptorLimit.makeRoom(connections: configuration.openConnections)
        if room < configuration.openConnections {
            configuration.maximumConnections = max(1, room - ConnectionBudget.surplus)
            logger.warning(
                "fewer connections than configured: the limit of open files is too low",
                metadata: ["connections": "\(configuration.maximumConnections)"]
            )
        }
        return configuration
    }

    private static func logger(_ options: ResolvedOptions, _ lines: LineQueue) throws -> Logger {
        let name = options.host.logLevel ?? "info"
        guard let level = Logger.Level(rawValue: name) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(description: "log_level is one of \(known); got '\(name)'")
        }
        var logger = Logger(label: "edgehost") { _ in
            LineLogHandler(level: level) { lines.line($0) }
        }
        logger.logLevel = level
        return logger
    }
}
