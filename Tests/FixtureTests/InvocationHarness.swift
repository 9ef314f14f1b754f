import EdgeRuntime

/// Workers on a lane, a clock and a store that all move by hand. No slice ends unless the test sets one.
struct InvocationHarness {
    let lane = ManualLane(clock: ManualClock(.still))
    let store: HeldStore
    let observer = RecordingObserver()
    let dispatcher: Dispatcher
    private let directory: TemporaryDirectory
    private let loader: DeploymentLoader

    /// - Parameters:
    ///   - scripts: texts by name, as in `hello` for `workers/hello.lua`.
    ///   - configure: changes what the gateway gets.
    init(_ scripts: [String: String], configure: (inout RuntimeServices) -> Void = { _ in }) throws {
        self.directory = try TemporaryDirectory()
        self.store = HeldStore(clock: self.lane.clock)
        try Self.write(scripts, to: self.directory)
        self.loader = DeploymentLoader(directory: self.directory.path + "/workers", observer: self.observer)
        var services = RuntimeServices(
            store: self.store,
            observer: self.observer,
            clock: self.lane.clock.runtimeClock,
            secret: { _ in nil },
            isDevelopment: false
        )
        services.sliceNanoseconds = 0
        configure(&services)
        let deployment = try self.loader.load()
        guard deployment.isHealthy else { throw FixtureError("\(deployment.diagnostics)") }
        self.dispatcher = Dispatcher(
            gateway: WorkerGateway(lane: self.lane, services: services),
            deployment: deployment
        )
    }

    /// Begins a request; its sink fills while the lane runs.
    func get(_ target: String, reader: CollectingSink.Reader = .eager) -> CollectingSink {
        let sink = CollectingSink(reader: reader)
        self.dispatcher.dispatch(HTTPRequest(FixtureRequest(method: "GET", target: target)), sink: sink)
        return sink
    }

    func publish(_ scripts: [String: String]) throws {
        try Self.write(scripts, to: self.directory)
        self.dispatcher.publish(try self.loader.load(after: self.dispatcher.deployment))
    }

    var outcomes: [Outcome] { self.observer.reports.map(\.outcome) }
    var activeCount: Int { self.dispatcher.gateway.activeCount }

    private static func write(_ scripts: [String: String], to directory: TemporaryDirectory) throws {
        for (name, text) in scripts {
            try directory.apply(Fixture.FileChange(path: "workers/\(name).lua", content: Array(text.utf8)))
        }
    }
}
