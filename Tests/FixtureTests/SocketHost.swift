import EdgeRuntime
import EdgeStorage
import NIOCore
import NIOPosix

@testable import EdgeServer

/// Runs a fixture over TCP: the parts of a server, on a port the kernel picks.
struct SocketHost: FixtureHost {
    private let loader: DeploymentLoader
    private let observer: RecordingObserver
    private let store: LMDBStore
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let background = LazyThreadPool(numberOfThreads: 1)
    private let lanes: LaneGroup
    private let listener: HTTPListener
    private let makeClient: (Int) throws -> any FixtureClient
    private var client: (any FixtureClient)?
    private var expectedReports = 0

    /// - Parameter makeClient: connects a client to a port of this machine.
    init(_ setting: FixtureSetting, makeClient: @escaping (Int) throws -> any FixtureClient) throws {
        self.makeClient = makeClient
        self.observer = setting.observer
        self.loader = setting.loader(clock: .system)
        var storage = LMDBConfiguration(path: setting.directory.path + "/data", role: .server)
        storage.maximumBytes = 64 << 20
        self.store = try LMDBStore(storage)
        let secrets = setting.settings.secrets
        var services = RuntimeServices(
            store: self.store,
            observer: setting.observer,
            secret: { secrets[$0] },
            isDevelopment: setting.settings.isDevelopment
        )
        setting.adjust(&services)
        let lanes = LaneGroup(deployment: try self.loader.load(), services: services, background: self.background)
        self.lanes = lanes
        var configuration = HTTPServerConfiguration()
        configuration.limits.body = setting.settings.bodyLimit ?? configuration.limits.body
        self.listener = try HTTPListener.bind(
            to: HTTPEndpoint(host: "127.0.0.1", port: 0),
            group: self.group,
            configuration: configuration
        ) { eventLoop, _ in
            lanes.makeApplication(on: eventLoop)
        }.wait()
    }

    func load() throws -> [LoadDiagnostic] {
        let next = try self.loader.load(after: self.lanes.current)
        try self.lanes.publish(next)
        return next.diagnostics
    }

    mutating func send(_ request: FixtureRequest) throws -> ActualResponse {
        let client = try self.client ?? self.makeClient(self.listener.endpoint.port)
        try client.send(request)
        let response = try client.receive(to: request)
        self.client = client.isOpen ? client : nil
        if response.isReported { self.expectedReports += 1 }
        return response
    }

    func finish() throws {
        try self.observer.waitForReports(self.expectedReports)
    }

    mutating func stop() throws {
        self.client = nil
        try self.listener.shutdown(grace: .zero).wait()
        self.store.close()
        try self.group.syncShutdownGracefully()
        try self.background.close()
    }
}
