import EdgeRuntime
import NIOCore
import NIOEmbedded

@testable import EdgeServer

/// An application whose answers the test gives.
final class ScriptedApplication: HTTPApplication {
    /// A request the application was given.
    final class Call: HTTPExchange {
        let request: HTTPRequest
        let sink: any ResponseSink
        /// Whether its body was too large.
        let isRefused: Bool
        private(set) var cancelCount = 0
        private(set) var written: [Bool] = []

        init(request: HTTPRequest, sink: any ResponseSink, isRefused: Bool) {
            self.request = request
            self.sink = sink
            self.isRefused = isRefused
        }

        var path: String { self.request.head.string(self.request.path) }

        func cancel() {
            self.cancelCount += 1
        }

        func respond(status: Int = 200, isRefusal: Bool = false, _ text: String) {
            var head = HTTPResponseHead(status: status)
            head.isRefusal = isRefusal
            var text = text
            text.withUTF8 { self.sink.respond(head, body: UnsafeRawBufferPointer($0)) }
        }

        /// As the host does where there is no room.
        func refuse() {
            self.respond(status: 503, isRefusal: true, "")
        }

        func write(_ text: String) {
            var text = text
            text.withUTF8 { chunk in
                self.sink.write(UnsafeRawBufferPointer(chunk)) { self.written.append($0) }
            }
        }
    }

    private(set) var calls: [Call] = []
    /// Called inside `respond(to:sink:)`.
    var onCall: ((Call) -> Void)?

    /// Whether it wants to hear of clients that go away.
    var hasExchanges = true
    /// The most bytes of a body.
    var limit = Int.max
    private(set) var limitCalls = 0

    func bodyLimit(for request: HTTPRequest) -> Int {
        self.limitCalls += 1
        return self.limit
    }

    func refuseBody(of request: HTTPRequest, sink: any ResponseSink) {
        _ = self.call(request, sink, isRefused: true)
    }

    func respond(to request: HTTPRequest, sink: any ResponseSink) -> (any HTTPExchange)? {
        let call = self.call(request, sink, isRefused: false)
        return self.hasExchanges ? call : nil
    }

    /// Lets go of all requests.
    func forget() {
        self.calls = []
    }

    private func call(_ request: HTTPRequest, _ sink: any ResponseSink, isRefused: Bool) -> Call {
        let call = Call(request: request, sink: sink, isRefused: isRefused)
        self.calls.append(call)
        self.onCall?(call)
        return call
    }
}

/// Channels of which the test says when they have input.
final class ScriptedReadiness: ReadinessSet {
    private(set) var contexts: [UInt32: ChannelHandlerContext] = [:]
    var ready: Set<UInt32> = []
    var isOutOfDescriptors = false

    func add(_ context: ChannelHandlerContext, token: UInt32) -> Bool {
        guard !self.isOutOfDescriptors else { return false }
        precondition(self.contexts[token] == nil && !self.holds(context.channel), "one is added once")
        self.contexts[token] = context
        return true
    }

    func remove(_ context: ChannelHandlerContext) {
        self.contexts = self.contexts.filter { $0.value !== context }
    }

    func take(into tokens: inout [UInt32]) {
        tokens = self.contexts.keys.filter(self.ready.contains)
    }

    func holds(_ channel: any Channel) -> Bool {
        self.contexts.values.contains { $0.channel === channel }
    }
}

/// A connection on an embedded channel with a clock that the test turns.
final class ConnectionHarness {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let application = ScriptedApplication()
    let readiness = ScriptedReadiness()
    let lane: HTTPLane
    let connection: HTTPConnection
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    init(
        _ configure: (inout HTTPServerConfiguration) -> Void = { _ in },
        clock: @escaping () -> NIODeadline = NIODeadline.now
    ) throws {
        var configuration = HTTPServerConfiguration()
        configuration.timeouts.sweepInterval = nil
        configuration.batchedRequests = 1
        configure(&configuration)
        self.lane = HTTPLane(
            eventLoop: self.loop,
            configuration: configuration,
            application: self.application,
            budgets: HTTPBudgets(configuration),
            readiness: self.readiness,
            now: self.start,
            clock: clock
        )
        self.connection = HTTPConnection(lane: self.lane, remoteAddress: "192.0.2.1")
        self.channel = EmbeddedChannel(loop: self.loop)
        try self.channel.pipeline.syncOperations.addHandler(self.connection)
        try self.channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
    }

    /// One more connection on the same lane.
    func join(from address: String = "192.0.2.1") throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(loop: self.loop)
        try channel.pipeline.syncOperations.addHandler(HTTPConnection(lane: self.lane, remoteAddress: address))
        try channel.connect(to: SocketAddress(ipAddress: address, port: 1)).wait()
        return channel
    }

    func send(_ text: String) throws {
        try self.channel.writeInbound(ByteBuffer(string: text))
    }

    /// What was written since the last call and in the turns that are due, one element a write, date lines left out.
    func writes() throws -> [String] {
        self.loop.run()
        var writes: [String] = []
        while let buffer = try self.channel.readOutbound(as: ByteBuffer.self) {
            let text = String(buffer: buffer)
            if text.isEmpty { continue }
            let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
            writes.append(lines.filter { !$0.hasPrefix("date: ") }.joined(separator: "\r\n"))
        }
        return writes
    }

    func output() throws -> String {
        try self.writes().joined()
    }

    func sweep(after seconds: Int64) {
        self.lane.sweep(now: self.start + .seconds(seconds))
        self.loop.run()
    }

    var isOpen: Bool {
        self.channel.isActive
    }

    static func get(_ path: String = "/", _ fields: String...) -> String {
        "GET \(path) HTTP/1.1\r\nHost: h\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    static func ok(_ body: String, connection: String? = nil) -> String {
        "HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n"
            + (connection.map { "connection: \($0)\r\n" } ?? "") + "\r\n" + body
    }
}
