import EdgeRuntime
import NIOCore

extension HTTPConnection {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var input = Self.unwrapInboundIn(data)
        self.receive(&input)
    }

    func receive(_ input: inout ByteBuffer) {
        switch self.phase {
        case .closed:
            return
        case .closing, .lingering:
            // Read so that the client can send it and then read its answer; `readMore` sees to it that there is an end.
            self.lingeringBytes += input.readableBytes
        case .idle, .head, .body:
            if self.waiting.readableBytes == 0 {
                self.process(&input)
                self.keep(&input)
                self.goOnIfClientKeepsUp()
            } else {
                self.keep(&input)
                self.processWaiting()
            }
        case .answering:
            self.keep(&input)
        }
    }

    private func keep(_ input: inout ByteBuffer) {
        guard input.readableBytes > 0, self.phase != .closed else { return }
        guard self.phase != .closing else {
            self.waiting = ByteBuffer()
            return
        }
        self.waiting.writeBuffer(&input)
        let isWithinBudget = self.chargeInput()
        // Only a client that closes its side can get here: NIO then reads all that the kernel holds.
        let limits = self.lane.configuration.limits
        let maximum = isWithinBudget ? limits.finalInput : limits.waitingInput + limits.largestRead
        if self.waiting.readableBytes > maximum { self.context?.close(promise: nil) }
    }

    /// Goes on with input that had to wait.
    func processWaiting() {
        switch self.phase {
        case .idle, .head, .body: break
        case .answering, .closing, .lingering, .closed: return
        }
        precondition(!self.isProcessing, "turns never nest")
        var input = self.waiting
        self.waiting = ByteBuffer()
        self.process(&input)
        if input.readableBytes > 0, self.phase != .closed, self.phase != .closing {
            input.discardReadBytes()
            self.waiting = input
        }
        _ = self.chargeInput()
        self.goOnIfClientKeepsUp()
        self.readMore()
    }

    /// The client may have taken, in the flush that ended the loop, what the loop stopped for: then no event follows.
    private func goOnIfClientKeepsUp() {
        if self.awaitsClient, self.waiting.readableBytes > 0, self.clientKeepsUp { self.scheduleTurn() }
    }

    /// Parses and dispatches until input runs out, a request is left with the application, or the client does not
    /// keep up.
    private func process(_ input: inout ByteBuffer) {
        self.isProcessing = true
        while self.processOne(&input) {
            if self.hasUnflushedOutput || self.output?.readableBytes ?? 0 > Self.smallOutput { self.flush() }
        }
        self.isProcessing = false
        self.flush()
    }

    /// Returns whether there may be more to do at once.
    private func processOne(_ input: inout ByteBuffer) -> Bool {
        switch self.phase {
        case .answering, .closing, .lingering, .closed: return false
        case .idle, .head, .body: break
        }
        self.awaitsClient = !self.clientKeepsUp
        if self.awaitsClient { return false }
        let (consumed, progress) = input.withUnsafeReadableBytes { self.parser.parse($0) }
        input.moveReaderIndex(forwardBy: consumed)
        switch progress {
        case .needsMore:
            self.awaitInput(hasPartialLine: input.readableBytes > 0)
            return false
        case .bodyFollows:
            return self.admitBody(hasBegun: input.readableBytes > 0)
        case .failed(let error) where error.code == .bodyTooLarge && self.parser.isReceivingBody:
            self.refuseBody()
            return false
        case .failed(let error):
            if error.code == .unsupportedVersion, self.becomeHTTP2(&input) { return false }
            self.refuse(error)
            return false
        case .complete where self.lane.batchesRequests:
            self.enter(.answering)
            self.lane.enqueue(self)
            // It may have filled the batch, and so be answered.
            return self.phase == .idle
        case .complete:
            self.dispatch()
            return self.phase == .idle
        }
    }

    /// The turn of the request that has waited. Its output stays until all of the batch have run.
    func runQueued() {
        // The client may have gone meanwhile.
        guard self.phase == .answering else { return }
        let wasProcessing = self.isProcessing
        self.isProcessing = true
        self.dispatch()
        self.isProcessing = wasProcessing
    }

    /// Writes what ``runQueued()`` left, with the answers to requests that came behind it.
    func writeQueued() {
        // The connection that filled the batch goes on with its input, and then writes.
        if self.isProcessing { return }
        if self.phase == .idle, self.waiting.readableBytes > 0 || self.isInputClosed {
            self.processWaiting()
        } else {
            self.flush()
            // Also where the gathering has ended meanwhile: it knows those that it holds.
            if self.isReadOwed { self.readMore() }
        }
    }

    private func awaitInput(hasPartialLine: Bool) {
        if self.isInputClosed {
            self.close()
        } else if self.parser.isReceivingBody {
            if self.phase != .body { self.enter(.body) }
            self.timer.bodyGrew(to: self.parser.request.body.count, now: self.lane.now)
            if !self.chargeInput() { self.refuse(HTTPRequestError(.inputOverloaded)) }
        } else if !self.parser.isAtStart || hasPartialLine {
            if self.phase != .head { self.enter(.head) }
        }
    }

    /// Looks, before any of a body is read, whether it may come. Returns whether parsing goes on.
    private func admitBody(hasBegun: Bool) -> Bool {
        let limit = self.lane.application.bodyLimit(for: self.parser.request)
        self.parser.bodyLimit = min(self.parser.bodyLimit, limit)
        let announced = self.parser.announcedBody
        guard announced ?? 0 <= self.parser.bodyLimit else {
            self.refuseBody()
            return false
        }
        if announced ?? .max > Self.uncountedInput, self.inputCharge?.isFull == true {
            self.refuse(HTTPRequestError(.inputOverloaded))
            return false
        }
        if self.parser.awaitsContinue, !hasBegun {
            self.withOutput { $0.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n") }
        }
        return true
    }

    /// The application answers a request whose body is too large; the rest of the body is not read.
    private func refuseBody() {
        self.parser.request.body = []
        self.inputCharge?.hold(0)
        self.attachWriter()
        self.lane.application.refuseBody(of: self.parser.request, sink: self.writer)
    }

    private func attachWriter() {
        self.enter(.answering)
        self.mayBecomeHTTP2 = false
        if !isKnownUniquelyReferenced(&self.writer) { self.writer = ResponseWriter() }
        self.writer.connection = self
    }

    private func dispatch() {
        self.attachWriter()
        self.handOverBodyCharge()
        let exchange = self.lane.application.respond(to: self.parser.request, sink: self.writer)
        if self.phase == .answering {
            self.exchange = exchange
        } else if self.phase == .idle {
            self.parser.reset()
        }
    }

    /// The client has closed its side. A request that is not whole will never be; one that is gets its answer.
    func inputClosed(_ context: ChannelHandlerContext) {
        self.isInputClosed = true
        self.leaveGathering()
        switch self.phase {
        case .idle, .head, .body:
            if self.waiting.readableBytes > 0 {
                self.scheduleTurn()
            } else {
                self.close()
            }
        case .lingering:
            context.close(promise: nil)
        case .answering, .closing, .closed:
            break
        }
    }

    func outputClosed(_ context: ChannelHandlerContext) {
        guard self.phase == .closing else { return }
        if self.isInputClosed {
            context.close(promise: nil)
        } else {
            self.enter(.lingering)
            self.readMore()
        }
    }
}
