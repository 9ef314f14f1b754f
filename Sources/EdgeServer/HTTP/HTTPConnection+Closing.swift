import EdgeRuntime
import Glibc
import NIOCore

/// Output, and the ways a connection ends.
extension HTTPConnection {
    /// Appends to the output of this turn.
    func withOutput(_ append: (inout ByteBuffer) -> Void) {
        var buffer = self.output.take() ?? self.lane.buffers.take()
        append(&buffer)
        self.output = buffer
    }

    /// Hands bytes to the channel behind the output of this turn, in pieces: what the client has taken of a large
    /// response is let go of, and each piece is as large as it need be.
    func writeLarge(_ bytes: UnsafeRawBufferPointer) {
        guard let context = self.context, self.phase != .closed else { return }
        if let buffer = self.output.take() { context.write(Self.wrapOutboundOut(buffer), promise: nil) }
        for start in stride(from: 0, to: bytes.count, by: Self.largestPiece) {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(bytes.count, start + Self.largestPiece)])
            var buffer = ByteBufferAllocator().buffer(capacity: piece.count)
            buffer.writeBytes(piece)
            context.write(Self.wrapOutboundOut(buffer), promise: nil)
        }
        self.hasUnflushedOutput = true
        self.hasQueuedOutput = true
    }

    func flushUnlessProcessing() {
        if !self.isProcessing { self.flush() }
    }

    /// Hands the output of this turn to the channel in one write.
    func flush() {
        guard let context = self.context, self.phase != .closed else { return }
        if var buffer = self.output.take() {
            self.send(&buffer, context)
            self.lane.buffers.put(buffer)
        } else if self.hasUnflushedOutput {
            context.flush()
        }
        self.hasUnflushedOutput = false
        if !self.clientKeepsUp { self.chargeOutput() }
        if self.phase == .closing { self.closeOutput(context) }
    }

    private func send(_ buffer: inout ByteBuffer, _ context: ChannelHandlerContext) {
        if let socket = self.socket {
            if self.hasQueuedOutput, !self.hasUnflushedOutput, self.bufferedOutput == 0 { self.hasQueuedOutput = false }
            if !self.hasQueuedOutput { socket.write(&buffer) }
            guard buffer.readableBytes > 0 else { return }
        }
        self.hasQueuedOutput = true
        context.writeAndFlush(Self.wrapOutboundOut(buffer), promise: nil)
    }

    /// Whether little output waits for the client.
    var clientKeepsUp: Bool {
        if self.socket != nil, !self.hasQueuedOutput { return true }
        return self.context?.channel.isWritable == true
    }

    /// Ends the connection after what was answered so far. Nothing more is parsed.
    func close() {
        guard self.phase != .closing, self.phase != .lingering, self.phase != .closed else { return }
        self.beginClosing()
        self.flushUnlessProcessing()
    }

    /// The next flush ends the connection.
    func beginClosing() {
        self.enter(.closing)
        self.waiting = ByteBuffer()
    }

    /// Answers a request that does not reach the application, and closes.
    func refuse(_ error: HTTPRequestError) {
        self.inputCharge?.hold(0)
        let problem = ProblemResponse(error)
        let encoder = ResponseEncoder(framing: .length(problem.body.count), persistence: .close)
        self.parser.request.body = []
        problem.body.withUnsafeBytes { body in
            self.withOutput { encoder.write(problem.head, dateLine: self.lane.dateLine(), body: body, into: &$0) }
        }
        self.close()
    }

    /// Closes the output side once all is written. The input side stays open for a while: closing a socket that
    /// holds unread input resets it, and the client would lose the answer.
    private func closeOutput(_ context: ChannelHandlerContext) {
        guard !self.isClosingOutput else { return }
        self.isClosingOutput = true
        let promise = context.eventLoop.makePromise(of: Void.self)
        if self.isInputClosed {
            // NIO would close at once, with output unwritten, if both sides were asked to close.
            context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()), promise: promise)
            promise.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        } else {
            context.close(mode: .output, promise: promise)
            promise.futureResult.assumeIsolated().whenFailure { _ in context.close(promise: nil) }
            // Where it was not read while it was answered.
            self.readMore()
        }
    }

    /// A request that is under way says `connection: close`.
    func drain(_ mode: DrainMode) {
        guard self.phase == .idle, self.waiting.readableBytes == 0 else { return }
        switch mode {
        case .handover: self.timer.hurryIdle(now: self.lane.now)
        case .stop where self.output == nil && self.bufferedOutput == 0: self.closeNow()
        case .stop: self.close()
        }
    }

    /// Output the kernel has not taken yet, in bytes.
    var bufferedOutput: Int {
        let bytes = try? self.context?.channel.syncOptions?.getOption(.bufferedWritableBytes)
        return bytes ?? 0
    }

    /// Closes so that the client sees an error and not an end.
    func reset() {
        if let socket = self.context?.channel as? any SocketOptionProvider {
            // Done at once on the event loop; if the socket refuses, it is gone already.
            _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        self.context?.closeBelowTLS()
    }

    func closeNow() {
        self.context?.close(promise: nil)
    }

    func sweep(now: NIODeadline) {
        guard let channel = self.context?.channel else { return }
        if self.phase == .idle, self.lane.budgets.connections.isPressed { self.timer.hurryIdle(now: now) }
        var backlog: Backlog?
        if self.phase == .closing || !channel.isWritable {
            self.chargeOutput()
            let taken = AcknowledgedBytes.count(of: channel) ?? -self.bufferedOutput
            backlog = Backlog(taken: taken, isPressed: self.lane.budgets.output.isPressed)
        }
        switch self.timer.sweep(now: now, backlog: backlog) {
        case .stay: break
        case .refuse: self.refuse(HTTPRequestError(.requestTimeout))
        case .close: self.closeNow()
        }
    }
}
