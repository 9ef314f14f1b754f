import EdgeRuntime
import EdgeStorage
import Glibc
import Logging
import NIOCore
import NIOPosix

/// The composition root of a server: makes everything that lives long, connects it, and takes it down in order.
public final class Server {
    private let options: ResolvedOptions
    /// To the parent process, if there is one.
    private let link: SupervisorLink?
    private let console: ServerOutput
    private let logger: Logger
    private let store: LMDBStore
    private let group: MultiThreadedEventLoopGroup
    private let background: LazyThreadPool
    private let loading = LazyThreadPool(numberOfThreads: 1)
    private let lanes: LaneGroup
    private let listener: HTTPListener
    private let reloader: Reloader
    private let renewal: TLSRenewal?

    /// How long requests in flight may take to finish at a shutdown.
    private static let grace = TimeAmount.seconds(30)

    /// Opens the store, loads the workers and listens.
    ///
    /// - Parameter confined: the sandbox but for its filter.
    private init(
        _ options: ResolvedOptions,
        _ link: SupervisorLink?,
        _ console: ServerOutput,
        confined: Sandbox
    ) throws {
        self.options = options
        self.link = link
        self.console = console
        self.logger = try Self.logger(options, console.errors)
        let threads = options.host.threads ?? System.coreCount
        let configuration = try Self.configuration(options, self.logger)
        // What a resolver is told comes from outside: behind the filter.
        let isNumeric = options.endpoint.numericAddress != nil
        let walls = isNumeric ? confined : try confined.filter(options.sandbox)
        // Made while the filter is compiled, the store is opened and the workers are loaded.
        let made = ConcurrentValue { ServerFront(options.endpoint, link, threads: threads, configuration) }
        let sandbox = isNumeric ? try walls.filter(options.sandbox) : walls
        let logging = LoggingObserver(logger: self.logger, receipts: options.isDevelopment ? console.output : nil)
        let observer: any InvocationObserver = link.map { FaultObserver(link: $0, next: logging) } ?? logging
        self.store = try Stores.openAsServer(options.data, link, logger: self.logger)
        let loader = DeploymentLoader(
            directory: options.workers,
            startup: options.host.startup,
            ceilings: options.host.ceilings,
            observer: observer,
            images: Self.images(options, self.logger)
        )
        let deployment = try loader.load()
        let tls = try options.tls.map { files in try TLSCredentials(files) }
        let secrets = Secrets(folder: options.host.secrets)
        let backgroundThreads = max(2, threads)
        RuntimeServices.limitIsolateMemory(to: options.host.isolateMemoryBytes ?? MemoryCeiling.standard())
        let imageLoader = LateImageLoader()
        var services = RuntimeServices(
            store: self.store,
            observer: observer,
            background: BackgroundQueue(threads: backgroundThreads),
            secret: { secrets.value($0) },
            isDevelopment: options.isDevelopment
        )
        services.imageLoader = imageLoader
        self.background = LazyThreadPool(numberOfThreads: backgroundThreads)
        let lanes = LaneGroup(deployment: deployment, services: services, background: self.background)
        self.lanes = lanes
        self.reloader = Reloader(
            loader: loader,
            lanes: lanes,
            thread: self.loading,
            console: console,
            logger: self.logger
        )
        imageLoader.use(self.reloader)
        let front = made.get()
        self.group = front.group
        // All that may fail comes before: the process that serves now goes when this one takes its turn.
        let inherited = try link?.takeTurn(for: options.endpoint, lock: self.store.lockDescriptor)
        let http = try front.take(inherited)
        self.listener = try HTTPListener.open(http, tls: tls) { eventLoop, _ in
            lanes.makeApplication(on: eventLoop)
        }.wait()
        let (loop, thread, logger) = (self.group.next(), self.loading, self.logger)
        self.renewal = tls.map { TLSRenewal($0, eventLoop: loop, thread: thread, logger: logger) }
        if let link, inherited == nil {
            try link.ready(listener: http.socket, lock: self.store.lockDescriptor)
        }
        self.announce(deployment, sandbox)
        self.loading.submit { loader.keep(deployment) }
    }

    /// Serves until SIGTERM or SIGINT; SIGHUP loads the workers and the certificate again. Returns the status to exit with after a graceful
    /// shutdown, or after a server process has ended otherwise.
    ///
    /// To be called while the process has one thread: a process of its own serves, and this one looks after it, unless
    /// the options say otherwise.
    public static func run(_ options: ServerOptions) throws -> Int32 {
        if let link = try SupervisorLink.inherited() {
            try Self.serve(options, link)
        } else if !options.hasParent {
            try Self.serve(options, nil)
        } else {
            let end = try Supervisor.run { link in
                do {
                    try Self.serve(options, link)
                    return EXIT_SUCCESS
                } catch {
                    PatientOutput(.error).writeInTime(
                        "edgehost: \(error)\n",
                        now: RuntimeClock.system.monotonicNanoseconds
                    )
                    return EXIT_FAILURE
                }
            }
            return end.statusAfterRaising()
        }
        return 0
    }

    private static func serve(_ options: ServerOptions, _ link: SupervisorLink?) throws {
        // Before any thread is started: all inherit the blocked signals.
        let signals = try SignalWaiter(link)
        signal(SIGPIPE, SIG_IGN)
        let console = ServerOutput()
        let resolved = try options.resolve()
        let server = try Server(resolved, link, console, confined: resolved.confine())
        let watcher = try server.watch()
        var order = signals.next()
        while order == .reload {
            server.reloader.request()
            server.renewal?.request()
            order = signals.next()
        }
        watcher?.stop()
        signals.release()
        try server.shutdown(isHandover: order == .handOver)
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
            self.console.errors.line(line)
        }
        for summary in deployment.summaries {
            self.console.output.line(DeploymentText.line(summary))
        }
        let scheme = self.renewal == nil ? "http" : "https"
        self.console.output.line("listening on \(scheme)://\(self.listener.endpoint)")
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

    private func shutdown(isHandover: Bool) throws {
        self.logger.info("\(isHandover ? "handed over" : "shutting down"): requests in flight finish first")
        let deadline = NIODeadline.now() + Self.grace
        if let link = self.link { self.listener.closed.whenComplete { _ in link.reportReleased() } }
        try self.listener.shutdown(grace: Self.grace, mode: isHandover ? .handover : .stop).wait()
        try self.finishInvocations(until: deadline)
        self.renewal?.stop()
        // Before the event loops: a load that is under way waits for them to take its result.
        try self.loading.close()
        // A slice that ends in the background needs its event loop.
        try self.background.close()
        self.store.close()
        try self.group.syncShutdownGracefully()
        self.console.close()
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

    private static func images(_ options: ResolvedOptions, _ logger: Logger) -> ImageStore? {
        ImageStore(path: options.images, startup: options.host.startup) {
            logger.warning("images of workers are not kept", metadata: ["reason": "\($0)"])
        }
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
