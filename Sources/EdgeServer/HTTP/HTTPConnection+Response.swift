import EdgeRuntime
import NIOCore

/// What the sink of the current request asks for.
extension HTTPConnection {
    func respond(_ head: HTTPResponseHead, body: UnsafeRawBufferPointer) {
        precondition(self.phase == .answering && self.stream == nil, "a request is answered once")
        self.noteRefusal(head.isRefusal)
        guard self.mayBuffer(body.count) else {
            let problem = ProblemResponse(HTTPRequestError(.outputOverloaded))
            return problem.body.withUnsafeBytes { self.respond(problem.head, body: $0) }
        }
        let keepsAlive = self.keepsAlive
        let hasNoBody = Self.forbidsBody(head.status)
        let encoder = ResponseEncoder(
            framing: hasNoBody ? .none : .length(body.count),
            persistence: self.persistence(keepsAlive)
        )
        let sentBody = hasNoBody || self.parser.isHead ? UnsafeRawBufferPointer(start: nil, count: 0) : body
        if sentBody.count <= Self.smallOutput {
            self.withOutput { encoder.write(head, dateLine: self.lane.dateLine(), body: sentBody, into: &$0) }
        } else {
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            self.withOutput { encoder.write(head, dateLine: self.lane.dateLine(), body: nothing, into: &$0) }
            self.writeLarge(sentBody)
        }
        self.completeAnswer(keepsAlive: keepsAlive)
    }

    func beginStream(_ head: HTTPResponseHead) {
        precondition(self.phase == .answering && self.stream == nil, "a request is answered once")
        let framing: ResponseEncoder.Framing =
            if Self.forbidsBody(head.status) { .none } else { self.parser.isHTTP10 ? .untilClose : .chunked }
        let keepsAlive = self.keepsAlive && framing != .untilClose
        let encoder = ResponseEncoder(framing: framing, persistence: self.persistence(keepsAlive))
        self.stream = encoder
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        self.withOutput { encoder.write(head, dateLine: self.lane.dateLine(), body: nothing, into: &$0) }
        self.flushUnlessProcessing()
    }

    func writeStream(_ chunk: UnsafeRawBufferPointer, written: @escaping (Bool) -> Void) {
        guard let stream = self.stream else { preconditionFailure("a chunk comes after the head") }
        precondition(self.written == nil, "a chunk comes after the one before it was written")
        self.written = written
        // The head is out, so that all that is left is to break off.
        guard self.mayBuffer(chunk.count) else { return self.reset() }
        if !self.parser.isHead {
            switch stream.framing {
            case .chunked where chunk.count <= Self.smallOutput:
                self.withOutput { ResponseEncoder.writeChunk(chunk, into: &$0) }
            case .chunked:
                self.withOutput { ResponseEncoder.writeChunkSize(chunk.count, into: &$0) }
                self.writeLarge(chunk)
                self.withOutput { $0.writeStaticString("\r\n") }
            case .untilClose: self.writeLarge(chunk)
            case .none, .length: break
            }
        }
        self.flushUnlessProcessing()
        self.scheduleTurn()
    }

    func finishStream() {
        guard let stream = self.stream else { preconditionFailure("a stream ends after its head") }
        if stream.framing == .chunked, !self.parser.isHead {
            self.withOutput { $0.writeStaticString("0\r\n\r\n") }
        }
        let saidClose = if case .close = stream.persistence { true } else { false }
        // A client that was not told so must not see the connection close under its next request in a handover.
        self.completeAnswer(keepsAlive: !saidClose && self.lane.draining != .stop)
    }

    /// A chunked body without its last chunk tells the client; a body that ends with the connection needs a reset to
    /// tell.
    func abortStream() {
        let isChunked = self.stream?.framing == .chunked
        self.detachWriter()
        if isChunked {
            self.close()
        } else {
            self.output = nil
            self.reset()
        }
    }

    private var keepsAlive: Bool {
        self.parser.allowsKeepAlive && !self.lane.isDraining && !self.parser.isReceivingBody
    }

    private func persistence(_ keepsAlive: Bool) -> ResponseEncoder.Persistence {
        guard keepsAlive else { return .close }
        return self.parser.isHTTP10 ? .keepAlive : .implied
    }

    private static func forbidsBody(_ status: Int) -> Bool {
        assert((200...599).contains(status), "the runtime checks the status")
        return status == 204 || status == 304
    }

    private func completeAnswer(keepsAlive: Bool) {
        let pending = self.written
        self.detachWriter()
        if let pending { self.lane.eventLoop.assumeIsolated().execute { pending(true) } }
        if keepsAlive { self.enter(.idle) } else { self.beginClosing() }
        guard !self.isProcessing else { return }
        if keepsAlive { self.parser.reset() }
        // Not at once: what the request held is given back before its client can come with the next one.
        self.scheduleTurn()
        self.readMore()
    }
}
