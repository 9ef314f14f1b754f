import EdgeIsolate
import EdgeRuntime
import EdgeStorage
import NIOCore
import NIOPosix

@testable import EdgeServer

/// A server with the hostile workers and the honest one, in this process: two event loops, real sockets.
final class HostileServer: Sendable {
    let port: Int
    let recorder = OutcomeRecorder()
    let diagnostics: [LoadDiagnostic]
    private let lanes: LaneGroup

    /// Started by the first test that needs it; lives as long as the process.
    static let shared = Result { try HostileServer() }

    private init() throws {
        var startup = DeploymentLoader.defaultStartup
        startup.cpuMicroseconds = 200_000
        startup.memoryBytes = 16 << 20
        let loader = DeploymentLoader(
            directory: HostileScripts.directory,
            startup: startup,
            observer: self.recorder
        )
        let deployment = try loader.load()
        self.diagnostics = deployment.diagnostics
        let services = RuntimeServices(
            store: MemoryStore(),
            observer: self.recorder,
            secret: { _ in nil },
            isDevelopment: false
        )
        let background = LazyThreadPool(numberOfThreads: 2)
        let lanes = LaneGroup(deployment: deployment, services: services, background: background)
        self.lanes = lanes
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let endpoint = HTTPEndpoint(host: "127.0.0.1", port: 0)
        let listener = try HTTPListener.bind(to: endpoint, group: group) { eventLoop, _ in
            lanes.makeApplication(on: eventLoop)
        }.wait()
        self.port = listener.endpoint.port
    }

    /// Delivers a GET without a socket, on an event loop of its own lane.
    func dispatch(
        _ path: String,
        on eventLoop: any EventLoop,
        sink: @escaping @Sendable () -> any ResponseSink
    ) -> EventLoopFuture<Void> {
        eventLoop.submit {
            var request = HTTPRequest()
            request.method = request.head.append("GET")
            request.path = request.head.append(path)
            request.host = request.head.append("localhost")
            self.lanes.makeApplication(on: eventLoop).dispatcher.dispatch(request, sink: sink())
        }
    }

    func activeInvocations() throws -> Int {
        try self.lanes.activeInvocations()
    }
}
