import EdgeRuntime
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

@testable import EdgeServer

/// A listener on a free port with an application that a few paths steer. Sweeps happen when the test says so.
final class SocketServer {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let listener: HTTPListener
    let events = EventLog()
    private let applications = NIOLockedValueBox<[NIOLoopBound<PathApplication>]>([])

    init(_ configure: (inout HTTPServerConfiguration) -> Void = { _ in }) throws {
        var configuration = HTTPServerConfiguration()
        configuration.timeouts.sweepInterval = nil
        configure(&configuration)
        let (events, applications) = (self.events, self.applications)
        self.listener = try HTTPListener.bind(
            to: HTTPEndpoint(host: "127.0.0.1", port: 0),
            group: self.group,
            configuration: configuration
        ) { eventLoop, _ in
            let application = PathApplication(events: events)
            applications.withLockedValue { $0.append(NIOLoopBound(application, eventLoop: eventLoop)) }
            return application
        }.wait()
    }

    func client(receiveBuffer: Int32? = nil) throws -> SocketClient {
        try SocketClient(port: self.listener.endpoint.port, receiveBuffer: receiveBuffer)
    }

    /// Looks at all clocks as if `seconds` had passed.
    func sweep(after seconds: Int64) throws {
        try self.listener.sweep(now: .now() + .seconds(seconds)).wait()
    }

    /// The connections that are read together with others.
    func heldCount() throws -> Int {
        try self.listener.lanes.map { lane in
            try lane.eventLoop.submit { lane.value.gathering.heldCount }.wait()
        }.reduce(0, +)
    }

    /// Answers the requests to `/hold`.
    func release() throws {
        for application in self.applications.withLockedValue({ $0 }) {
            try application.eventLoop.submit { application.value.release() }.wait()
        }
    }

    func stop() throws {
        try self.listener.shutdown(grace: .zero).wait()
        try self.group.syncShutdownGracefully()
    }
}

/// What happened in the application, for other threads to wait for.
final class EventLog: Sendable {
    private let lock = ConditionLock(value: 0)
    private let events = NIOLockedValueBox<[String]>([])

    func append(_ event: String) {
        self.lock.lock()
        let count = self.events.withLockedValue { events in
            events.append(event)
            return events.count
        }
        self.lock.unlock(withValue: count)
    }

    /// Waits until `count` things have happened and returns them all; fewer after ten seconds.
    func wait(for count: Int) -> [String] {
        if self.lock.lock(whenValue: count, timeoutSeconds: 10) { self.lock.unlock() }
        return self.events.withLockedValue { $0 }
    }
}

/// `/echo`, `/large` (300,000 bytes), `/stream` (ten chunks of 100,000 bytes), `/abort`, `/hold` (answers when the test releases it),
/// `/refuse` (a refusal for want of room), and hello on all others.
final class PathApplication: HTTPApplication {
    private let events: EventLog
    private var held: [any ResponseSink] = []

    init(events: EventLog) {
        self.events = events
    }

    private final class Exchange: HTTPExchange {
        let events: EventLog

        init(events: EventLog) {
            self.events = events
        }

        func cancel() {
            self.events.append("cancel")
        }
    }

    func respond(to request: HTTPRequest, sink: any ResponseSink) -> (any HTTPExchange)? {
        let path = request.head.string(request.path)
        switch path {
        case "/echo":
            request.body.withUnsafeBytes { sink.respond(HTTPResponseHead(status: 200), body: $0) }
        case "/large":
            [UInt8](repeating: 0x78, count: 300_000).withUnsafeBytes {
                sink.respond(HTTPResponseHead(status: 200), body: $0)
            }
        case "/stream":
            sink.begin(HTTPResponseHead(status: 200))
            self.stream(to: sink, remaining: 10)
        case "/abort":
            sink.begin(HTTPResponseHead(status: 200))
            Self.withBytes("abc") { sink.write($0) { _ in sink.abort() } }
        case "/refuse":
            var head = HTTPResponseHead(status: 503)
            head.isRefusal = true
            Self.withBytes("no room") { sink.respond(head, body: $0) }
        case "/hold":
            self.held.append(sink)
            self.events.append("hold")
        default:
            Self.withBytes("hello " + path) { sink.respond(HTTPResponseHead(status: 200), body: $0) }
        }
        return Exchange(events: self.events)
    }

    func release() {
        let held = self.held
        self.held = []
        for sink in held {
            Self.withBytes("released") { sink.respond(HTTPResponseHead(status: 200), body: $0) }
        }
    }

    private func stream(to sink: any ResponseSink, remaining: Int) {
        guard remaining > 0 else {
            self.events.append("streamed")
            return sink.finish()
        }
        let chunk = [UInt8](repeating: 0x30 + UInt8(10 - remaining), count: 100_000)
        chunk.withUnsafeBytes { bytes in
            sink.write(bytes) { isAlive in
                if isAlive {
                    self.stream(to: sink, remaining: remaining - 1)
                } else {
                    self.events.append("lost")
                }
            }
        }
    }

    private static func withBytes(_ text: String, _ body: (UnsafeRawBufferPointer) -> Void) {
        Array(text.utf8).withUnsafeBytes(body)
    }
}
