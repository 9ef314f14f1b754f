import EdgeRuntime
import EdgeStorage

/// Runs a fixture on a manual lane. Time is skipped where the system only waits.
struct DispatcherHost: FixtureHost {
    private let loader: DeploymentLoader
    private let lane = ManualLane(clock: ManualClock(.going))
    private let dispatcher: Dispatcher

    /// Builds the images that ``loader`` finds.
    private let builder: DeploymentLoader?

    init(_ setting: FixtureSetting, keepsImages: Bool = false) throws {
        let clock = self.lane.clock
        let images = { keepsImages ? setting.imageStore : nil }
        self.loader = setting.loader(clock: clock.runtimeClock, images: images())
        self.builder = keepsImages ? setting.loader(clock: clock.runtimeClock, images: images()) : nil
        let secrets = setting.settings.secrets
        var services = RuntimeServices(
            store: MemoryStore(clock: clock.storeClock),
            observer: setting.observer,
            clock: clock.runtimeClock,
            secret: { secrets[$0] },
            isDevelopment: setting.settings.isDevelopment
        )
        setting.adjust(&services)
        self.dispatcher = Dispatcher(
            gateway: WorkerGateway(lane: self.lane, services: services),
            deployment: try self.loader.load()
        )
    }

    func load() throws -> [LoadDiagnostic] {
        if let builder = self.builder {
            builder.keepImages(of: try builder.load(after: self.dispatcher.deployment))
        }
        self.dispatcher.publish(try self.loader.load(after: self.dispatcher.deployment))
        return self.dispatcher.deployment.diagnostics
    }

    func send(_ request: FixtureRequest) throws -> ActualResponse {
        let sink = CollectingSink()
        self.dispatcher.dispatch(HTTPRequest(request), sink: sink)
        self.run { sink.isComplete }
        guard let status = sink.status, sink.isComplete else { throw FixtureError("there was no response") }
        // What HTTP itself does to a response is the transport's part.
        let isBodiless = request.method == "HEAD" || status == 204 || status == 304
        return ActualResponse(
            status: status,
            headers: sink.headers,
            body: isBodiless ? [] : sink.body,
            isBroken: sink.isBroken
        )
    }

    func finish() throws {
        self.run { self.dispatcher.gateway.activeCount == 0 }
    }

    func stop() throws {
        try self.finish()
    }

    private func run(until condition: () -> Bool) {
        repeat { self.lane.runUntilQuiet() } while !condition() && self.lane.runNextTimer()
    }
}

extension HTTPRequest {
    /// The request as the HTTP front would hand it over.
    init(_ request: FixtureRequest) {
        self.init()
        self.method = self.head.append(request.method)
        let parts = request.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.path = self.head.append(String(parts[0]))
        if parts.count == 2 { self.query = self.head.append(String(parts[1])) }
        self.version = request.version == "1.0" ? (1, 0) : (1, 1)
        self.remoteAddress = "127.0.0.1"
        self.body = request.body
        for (name, value) in request.allHeaders {
            self.head.appendField(name: name, value: value)
        }
        self.host = self.head.first("host") ?? .empty
    }
}
