import EdgeRuntime
import NIOCore

/// One client connection: bytes in, requests to the application one after another, responses out.
///
/// Lives on its event loop. The order of work: input is parsed until a request is whole; the request goes to the
/// application; nothing more is parsed until its answer is complete. Answers that are produced inside one read are
/// written together.
final class HTTPConnection: ChannelInboundHandler, LaneConnection, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let lane: HTTPLane
    var laneSlot = -1
    var context: ChannelHandlerContext?
    var parser: RequestParser
    var timer: ConnectionTimer
    /// Input that arrived and is not consumed: part of a line, or requests behind the one being answered.
    var waiting = ByteBuffer()
    /// Output of this turn, written by ``flush()``; nil when there is none.
    var output: ByteBuffer?
    /// Whether the channel has output that ``flush()`` has not been called for.
    var hasUnflushedOutput = false
    /// Where output goes when nothing waits before it; nil where the channel itself must see it (TLS).
    var socket: DirectSocket?
    /// Whether the channel may hold output that the kernel has not taken.
    var hasQueuedOutput = false
    var writer = ResponseWriter()
    /// What this connection holds of the budgets; nil while it is not open.
    var inputCharge: ByteCharge?
    var outputCharge: ByteCharge?
    var exchange: (any HTTPExchange)?
    /// Non-nil from the head of a streamed response to its end.
    var stream: ResponseEncoder?
    /// The application's callback for the chunk in flight.
    var written: ((Bool) -> Void)?
    /// Whether this connection is in the loop that parses and dispatches; its end flushes.
    var isProcessing = false
    /// Whether ``waiting`` holds input that is left because the client does not take its answers.
    var awaitsClient = false
    /// Whether a deferred look at ``waiting`` or ``written`` is on its way.
    var isTurnScheduled = false
    /// The client has closed its side; what it sent before is still answered.
    var isInputClosed = false
    /// Input thrown away after the last request.
    var lingeringBytes = 0
    var isClosingOutput = false
    /// Its place among the connections that are read together; -1 outside it.
    var gatheringSlot = -1
    /// Whether the last request was refused for want of room; one that had to wait for its answer changes nothing.
    var wasRefused = false
    /// Whether input that was wanted was not asked for, because an answer was under way while the lane gathered.
    var isReadOwed = false
    /// Whether its first bytes may still turn out to be those of HTTP/2.
    var mayBecomeHTTP2 = true

    init(lane: HTTPLane, remoteAddress: String) {
        self.lane = lane
        self.parser = RequestParser(limits: lane.configuration.limits, remoteAddress: remoteAddress)
        self.timer = ConnectionTimer(timeouts: lane.configuration.timeouts, now: lane.now)
    }

    var phase: ConnectionTimer.Phase {
        self.timer.phase
    }

    func enter(_ phase: ConnectionTimer.Phase) {
        self.timer.enter(phase, now: self.lane.now)
        if phase == .idle, self.lane.draining == .handover { self.timer.hurryIdle(now: self.lane.now) }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { self.open(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        self.open(context)
    }

    private func open(_ context: ChannelHandlerContext) {
        guard self.laneSlot < 0 else { return }
        let verdict = self.lane.add(self, from: PeerAddress(context.channel.remoteAddress))
        self.openCharges()
        self.socket = DirectSocket(of: context)
        switch verdict {
        case .drop:
            context.close(promise: nil)
        case .refuse(let code):
            self.refuse(HTTPRequestError(code))
            context.read()
        case .serve where self.lane.draining == .stop:
            context.close(promise: nil)
        case .serve:
            if self.lane.draining == .handover { self.timer.hurryIdle(now: self.lane.now) }
            context.read()
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.leaveGathering()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        // A successor that was put in just now, and whose first write found the client gone, must hear of it.
        defer { context.fireChannelInactive() }
        guard self.phase != .closed else { return }
        self.enter(.closed)
        self.leaveGathering()
        self.socket = nil
        self.output = nil
        self.waiting = ByteBuffer()
        self.closeCharges()
        if self.laneSlot >= 0 { self.lane.remove(self) }
        self.loseClient()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The end of input, which follows as an event.
        if TLSErrors.isTruncation(error) { return }
        // A reset or a failed read; there is nobody to tell but the client, who is gone.
        context.close(promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.readMore()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.chargeOutput()
        if context.channel.isWritable, self.written != nil || self.waiting.readableBytes > 0 {
            self.scheduleTurn()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: self.inputClosed(context)
        case ChannelEvent.outputClosed: self.outputClosed(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// Asks for more input unless enough is waiting already. Asking twice is harmless.
    func readMore() {
        guard self.takesInput, !self.isReadLater() else { return }
        self.isReadOwed = false
        self.leaveGathering()
        self.context?.read()
    }

    var takesInput: Bool {
        let limits = self.lane.configuration.limits
        guard !self.isInputClosed, self.phase != .closed,
            self.waiting.readableBytes <= limits.waitingInput, self.lingeringBytes <= limits.lingeringInput
        else { return false }
        return self.phase != .answering || self.waiting.readableBytes == 0 || self.inputCharge?.isExceeded != true
    }

    /// Looks at the output of this turn, waiting input and the application's callback soon, but not inside the caller: callbacks
    /// never nest.
    func scheduleTurn() {
        guard !self.isTurnScheduled else { return }
        self.isTurnScheduled = true
        self.lane.eventLoop.assumeIsolated().execute {
            self.isTurnScheduled = false
            self.takeTurn()
        }
    }

    private func takeTurn() {
        guard let context = self.context, self.phase != .closed else { return }
        if let written = self.written {
            guard context.channel.isWritable else { return }
            self.written = nil
            written(true)
        } else if self.phase == .closing {
            self.flush()
        } else {
            self.processWaiting()
        }
    }

    /// Tells whoever waits for this connection that it is gone, outside any call of theirs.
    private func loseClient() {
        let (exchange, written) = (self.exchange, self.written)
        self.detachWriter()
        guard exchange != nil || written != nil else { return }
        self.lane.eventLoop.assumeIsolated().execute {
            written?(false)
            exchange?.cancel()
        }
    }

    /// The answer is complete or nobody wants it: the sink goes dead.
    func detachWriter() {
        self.writer.connection = nil
        // The body counts until the application has let go of it, not until the next request.
        if self.writer.bodyCharge != nil { self.writer = ResponseWriter() }
        self.exchange = nil
        self.stream = nil
        self.written = nil
    }
}
