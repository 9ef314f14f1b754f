import EdgeRuntime
import EdgeStorage

/// Runs a fixture on a manual lane. Time is skipped where the system only waits.
struct DispatcherHost: FixtureHost {
    private let loader: DeploymentLoader
    private let lane = ManualLane(clock: ManualClock(.going))
    private let dispatcher: Dispatcher

    init(_ setting: FixtureSetting) throws {
        let clock = self.lane.clock
        self.loader = setting.loader(clock: clock.runtimeClock)
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
