import EdgeRuntime
import NIOCore
import NIOEmbedded
import NIOHPACK

@testable import EdgeServer

/// A cleartext connection on an embedded channel that speaks HTTP/2 by raw frames, with a clock that the test turns.
final class HTTP2Harness {
    struct Answer: Equatable {
        var status = ""
        var fields: [String: String] = [:]
        var body: [UInt8] = []
        var isComplete = false
        /// The error code of RST_STREAM.
        var reset: UInt32?

        var text: String { String(decoding: self.body, as: UTF8.self) }
    }

    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let application = ScriptedApplication()
    let readiness = ScriptedReadiness()
    let lane: HTTPLane
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
    private var unread: [UInt8] = []
    /// All frames the server has sent.
    private(set) var frames: [RawFrame] = []
    private(set) var answers: [UInt32: Answer] = [:]

    /// - Parameter settings: those of the client's first frame; nil sends nothing at all.
    init(settings: [(UInt16, UInt32)]? = [], _ configure: (inout HTTPServerConfiguration) -> Void = { _ in }) throws {
        var configuration = HTTPServerConfiguration()
        configuration.timeouts.sweepInterval = nil
        configure(&configuration)
        self.lane = HTTPLane(
            eventLoop: self.loop,
            configuration: configuration,
            application: self.application,
            budgets: HTTPBudgets(configuration),
            readiness: self.readiness,
            now: self.start
        )
        self.channel = EmbeddedChannel(loop: self.loop)
        let connection = HTTPConnection(lane: self.lane, remoteAddress: "192.0.2.1")
        try self.channel.pipeline.syncOperations.addHandler(connection)
        try self.channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        if let settings {
            try self.send(bytes: RawFrame.preface + RawFrame.settings(settings).bytes)
            try self.send(.settingsAcknowledgement)
        }
    }

    deinit {
        _ = try? self.channel.finish(acceptAlreadyClosed: true)
    }

    func send(_ frames: RawFrame...) throws {
        try self.send(bytes: frames.flatMap { $0.bytes })
    }

    func send(bytes: [UInt8]) throws {
        // A channel that has closed takes nothing: the test looks at what came before.
        guard self.channel.isActive else { return }
        try self.channel.writeInbound(ByteBuffer(bytes: bytes))
        try self.collect()
    }

    /// Reads what the server has written, in the turns that are due too.
    func collect() throws {
        self.loop.run()
        while let output = try self.channel.readOutbound(as: ByteBuffer.self) {
            self.unread += output.readableBytesView
        }
        while let frame = RawFrame.take(from: &self.unread) {
            self.frames.append(frame)
            try self.note(frame)
        }
    }

    private func note(_ frame: RawFrame) throws {
        switch frame.kind {
        case RawFrame.Kind.headers:
            var buffer = ByteBuffer(bytes: frame.payload)
            let fields = try self.decoder.decodeHeaders(from: &buffer)
            var answer = self.answers[frame.stream] ?? Answer()
            for (name, value, _) in fields {
                if name == ":status" { answer.status += (answer.status.isEmpty ? "" : " ") + value }
                answer.fields[name] = value
            }
            answer.isComplete = frame.flags & RawFrame.Flag.endStream != 0
            self.answers[frame.stream] = answer
        case RawFrame.Kind.data:
            self.answers[frame.stream, default: Answer()].body += frame.payload
            if frame.flags & RawFrame.Flag.endStream != 0 { self.answers[frame.stream]?.isComplete = true }
        case RawFrame.Kind.reset:
            self.answers[frame.stream, default: Answer()].reset = frame.number()
        default:
            break
        }
    }

    /// The error code of the last GOAWAY; nil where there was none.
    var goAwayCode: UInt32? {
        self.frames.last { $0.kind == RawFrame.Kind.goAway }?.number(at: 4)
    }

    var isOpen: Bool {
        self.channel.isActive
    }

    func sweep(after seconds: Int64) throws {
        self.lane.sweep(now: self.start + .seconds(seconds))
        self.loop.run()
        try self.collect()
    }

    func drain(_ mode: DrainMode = .stop) throws -> EventLoopFuture<Void> {
        let drained = self.lane.drain(mode)
        self.loop.run()
        try self.collect()
        return drained
    }
}

/// Error codes of RFC 9113, 7.
enum ErrorCode {
    static let none: UInt32 = 0
    static let protocolError: UInt32 = 1
    static let internalError: UInt32 = 2
    static let flowControl: UInt32 = 3
    static let streamClosed: UInt32 = 5
    static let frameSize: UInt32 = 6
    static let refusedStream: UInt32 = 7
    static let cancel: UInt32 = 8
    static let compression: UInt32 = 9
    static let calm: UInt32 = 11
}
