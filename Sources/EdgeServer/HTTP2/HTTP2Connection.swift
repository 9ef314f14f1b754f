import EdgeRuntime
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One HTTP/2 connection: frames in, whole requests to the application, responses out.
///
/// NIO's handler below it parses, keeps the state of streams and windows, and holds back what a window has no room for. This one
/// keeps the requests; there is no channel for each stream. Lives on its event loop.
final class HTTP2Connection: ChannelInboundHandler, LaneConnection {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// Who is at the other end.
    struct Client {
        /// Without port.
        var address: String
        var isSecure: Bool
    }

    enum GoAway {
        case none
        /// The client was asked to open no more streams; those that cross on the wire are served.
        case announced
        /// Later streams are not served.
        case final
    }

    let lane: HTTPLane
    let client: Client
    let gate: HTTP2Gate
    var laneSlot = -1
    var context: ChannelHandlerContext?
    var streams: [HTTP2StreamID: HTTP2Stream] = [:]
    /// Whole requests that wait for their turn. Bounded by the number of concurrent streams.
    var queue = CircularBuffer<HTTP2Stream>()
    var timer: HTTP2Timer
    var allowance: HTTP2Allowance
    var lastStreamID = HTTP2StreamID.rootStream
    /// Requests that are with the application, those of closed streams too.
    var running = 0
    /// Requests given to the application in this turn.
    var turnCount = 0
    var isTurnScheduled = false
    /// Heads and bodies of requests that are not whole or wait for their turn, in bytes.
    var inputBytes = 0
    /// Response body bytes that the client's windows, or the socket, have no room for.
    var unwritten = 0
    /// What waits for the client, counted against the budget of all connections; nil once it is gone.
    var outputCharge: ByteCharge?
    /// Response body bytes given to the socket.
    var sent = 0
    var goAway = GoAway.none
    /// When ``GoAway/announced`` began.
    var announcedAt = NIODeadline.uptimeNanoseconds(0)
    /// A GOAWAY for an error was written: NIO reports that error next.
    var hasFailed = false
    var isInputClosed = false
    /// Whether a read is going on; its end flushes.
    var isReading = false
    /// Its place among the connections that are read together; -1 outside it.
    var gatheringSlot = -1
    /// Whether the last request answered in a read was refused for want of room.
    var wasRefused = false

    init(lane: HTTPLane, client: Client, gate: HTTP2Gate) {
        let configuration = lane.configuration
        self.lane = lane
        self.client = client
        self.gate = gate
        self.timer = HTTP2Timer(timeouts: configuration.timeouts, now: lane.now)
        self.allowance = HTTP2Allowance(maximum: configuration.http2.uselessInput)
    }

    /// Takes the place of the connection that found out that this is HTTP/2. The caller's handler leaves the pipeline; input
    /// that it has not used it passes on.
    static func install(
        in context: ChannelHandlerContext,
        replacing predecessor: any LaneConnection,
        lane: HTTPLane,
        client: Client
    ) throws {
        let gate = HTTP2Gate()
        let connection = HTTP2Connection(lane: lane, client: client, gate: gate)
        try lane.replace(predecessor, by: connection) {
            connection.outputCharge = ByteCharge(lane.budgets.output, account: lane.account(of: connection))
            // The connection first: NIO's handler writes the settings as soon as it is in.
            try context.pipeline.syncOperations.addHandlers(gate, connection)
            try context.pipeline.syncOperations.addHandler(connection.makeFrameHandler(), position: .after(gate))
        }
        connection.begin()
    }

    private func makeFrameHandler() -> NIOHTTP2Handler {
        let limits = self.lane.configuration.http2
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.concurrentStreams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerList(self.lane.configuration.limits)),
            HTTP2Setting(parameter: .initialWindowSize, value: limits.streamWindow),
        ]
        connection.maximumSequentialEmptyDataFrames = limits.emptyDataFrames
        connection.maximumBufferedControlFrames = limits.waitingControlFrames
        connection.maximumSequentialContinuationFrames = limits.continuationFrames
        connection.maximumConnectionGlitches = limits.streamErrors
        connection.controlFrameRateLimit.maximumCount = limits.controlFrames
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.streamResetFrameRateLimit.maximumCount = limits.resets
        stream.streamErrorRateLimit.maximumCount = limits.streamErrors
        return NIOHTTP2Handler(
            mode: .server,
            frameDelegate: self,
            connectionConfiguration: connection,
            streamConfiguration: stream
        )
    }

    private func begin() {
        self.widenWindow(of: .rootStream, from: 65_535, to: self.lane.configuration.http2.connectionWindow)
        self.context?.flush()
        if let mode = self.lane.draining { self.drain(mode) }
        self.context?.read()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.leaveGathering()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.isReading = true
        switch self.timer.phase {
        case .closing, .closed: return
        case .preface: self.timer.enter(.idle, now: self.lane.now)
        case .idle, .busy: break
        }
        self.receive(Self.unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.isReading = false
        // Each read is a turn of the event loop.
        self.turnCount = 0
        self.allowance.spend(self.gate.takeCount())
        if self.allowance.isExhausted { self.fail(.enhanceYourCalm) }
        context.flush()
        self.readMore()
        self.closeIfDone()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, !self.queue.isEmpty { self.scheduleTurn() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as StreamClosedEvent: self.streamClosed(event.streamID)
        case let event as NIOHTTP2WindowUpdatedEvent: self.windowUpdated(event)
        case is NIOHTTP2StreamCreatedEvent, is NIOHTTP2BulkStreamWindowChangeEvent: break
        case ChannelEvent.inputClosed: self.inputClosed()
        case ChannelEvent.outputClosed: self.outputClosed()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard self.timer.phase != .closed else { return }
        self.timer.enter(.closed, now: self.lane.now)
        self.leaveGathering()
        self.outputCharge = nil
        if self.laneSlot >= 0 { self.lane.remove(self) }
        self.loseStreams()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if self.hasFailed {
            self.closeOutput()
        } else if error is any NIOHTTP2Error || error is NIOHTTP2Errors.StreamError || TLSErrors.isTruncation(error) {
            // The stream it concerns was reset, which comes as an event; or the client's side has ended, likewise.
        } else {
            context.close(promise: nil)
        }
    }

    /// Asks for more input, unless the client sends on and on after the end. Asking twice is harmless.
    func readMore() {
        guard !self.isInputClosed, self.timer.phase != .closed,
            self.gate.discarded <= self.lane.configuration.limits.lingeringInput
        else { return }
        if self.isReadLater() { return }
        self.leaveGathering()
        self.context?.read()
    }
}

extension HTTP2Connection: NIOHTTP2FrameDelegate {
    func wroteFrame(_ frame: HTTP2Frame) {
        switch frame.payload {
        case .data(let data):
            self.sent += data.data.readableBytes
            self.allowance.earn(data.data.readableBytes / 4)
        case .goAway(_, let code, _) where code != .noError:
            self.hasFailed = true
        default:
            break
        }
    }
}
