import EdgeRuntime
import EdgeStorage
import NIOCore
import NIOPosix
import Testing

@testable import EdgeServer

/// Several event loops, background threads, one store, and new deployments while clients ask: what `make test-tsan` looks at,
/// and right answers in any build.
@Suite("many threads at once")
struct ConcurrencyTests {
    private static let clients = 4
    private static let requestsPerClient = 60
    private static let reloads = 15

    private static let scripts = [
        "count": "return function(_, env) return tostring(env.KV:increment('n', 1)) end",
        "spin": "return function() local n = 0 for i = 1, 400000 do n = n + i % 7 end return tostring(n) end",
        "sleep": "return function() sleep(2) return 'slept' end",
        "task": """
        return function(_, env, ctx)
          ctx:wait_until(function() sleep(1) env.KV:increment('tasks', 1) end)
          return 'later'
        end
        """,
        "version": "return function() return '0' end",
    ]

    @Test("answers are right while deployments change")
    func answersAreRight() throws {
        let server = try ConcurrentServer(Self.scripts)
        let pool = NIOThreadPool(numberOfThreads: Self.clients)
        pool.start()
        let port = server.port
        let clients = (0..<Self.clients).map { index in
            pool.runIfActive(eventLoop: server.eventLoop) { try Self.ask(port: port, first: index) }
        }
        for version in 1...Self.reloads {
            try server.publish("version", "return function() return '\(version)' end")
        }
        let counts = try clients.flatMap { try $0.wait() }
        #expect(Set(counts) == Set(1...counts.count), "each increment is seen once")
        try server.observer.waitForReports(Self.clients * Self.requestsPerClient)
        #expect(server.observer.reports.allSatisfy { $0.outcome == .ok })
        #expect(try server.value(of: "tasks") == "\(Self.clients * Self.requestsPerClient / Self.scripts.count)")
        try pool.syncShutdownGracefully()
        try server.stop()
    }

    /// Asks each worker in turn over one connection; returns what `count` answered.
    private static func ask(port: Int, first: Int) throws -> [Int] {
        let client = try WireClient(port: port)
        let names = Self.scripts.keys.sorted()
        var counts: [Int] = []
        var version = 0
        for round in first..<(first + Self.requestsPerClient) {
            let name = names[round % names.count]
            let request = FixtureRequest(method: "GET", target: "/\(name)")
            try client.send(request)
            let response = try client.receive(to: request)
            let text = String(decoding: response.body, as: UTF8.self)
            guard response.status == 200 else { throw FixtureError("\(name) answered \(response.status) \(text)") }
            switch name {
            case "count": counts.append(Int(text) ?? -1)
            case "version":
                guard let next = Int(text), next >= version else {
                    throw FixtureError("version \(text) came after \(version)")
                }
                version = next
            case "spin" where text != "1200003", "sleep" where text != "slept", "task" where text != "later":
                throw FixtureError("\(name) answered '\(text)'")
            default: break
            }
        }
        return counts
    }
}

/// The parts of a server with three event loops and two background threads.
private struct ConcurrentServer {
    let observer = RecordingObserver()
    private let directory: TemporaryDirectory
    private let loader: DeploymentLoader
    private let store: LMDBStore
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 3)
    private let background = LazyThreadPool(numberOfThreads: 2)
    private let lanes: LaneGroup
    private let listener: HTTPListener

    init(_ scripts: [String: String]) throws {
        self.directory = try TemporaryDirectory()
        for (name, text) in scripts {
            try self.directory.apply(Fixture.FileChange(path: "workers/\(name).lua", content: Array(text.utf8)))
        }
        self.loader = DeploymentLoader(directory: self.directory.path + "/workers", observer: self.observer)
        self.store = try LMDBStore(LMDBConfiguration(path: self.directory.path + "/data", role: .server))
        let services = RuntimeServices(
            store: self.store,
            observer: self.observer,
            secret: { _ in nil },
            isDevelopment: false
        )
        let lanes = LaneGroup(deployment: try self.loader.load(), services: services, background: self.background)
        self.lanes = lanes
        self.listener = try HTTPListener.bind(
            to: HTTPEndpoint(host: "127.0.0.1", port: 0),
            group: self.group
        ) { eventLoop, _ in
            lanes.makeApplication(on: eventLoop)
        }.wait()
    }

    var port: Int { self.listener.endpoint.port }
    var eventLoop: any EventLoop { self.group.any() }

    func publish(_ name: String, _ text: String) throws {
        try self.directory.apply(Fixture.FileChange(path: "workers/\(name).lua", content: Array(text.utf8)))
        try self.lanes.publish(try self.loader.load(after: self.lanes.current))
    }

    /// The text of a key in the namespace that every worker has.
    func value(of key: String) throws -> String? {
        for namespace in try self.store.namespaces(after: nil) {
            if let entry = try self.store.get(namespace, Array(key.utf8)) {
                return String(decoding: entry.value, as: UTF8.self)
            }
        }
        return nil
    }

    func stop() throws {
        try self.listener.shutdown(grace: .zero).wait()
        self.store.close()
        try self.group.syncShutdownGracefully()
        try self.background.close()
    }
}
