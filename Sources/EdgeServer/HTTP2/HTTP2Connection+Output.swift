import EdgeRuntime
import NIOCore
import NIOHPACK
import NIOHTTP2

/// From answers to frames.
extension HTTP2Connection {
    func writeHead(_ head: HTTPResponseHead, of stream: HTTP2Stream, contentLength: Int?, isEnd: Bool) {
        let headers = HTTP2ResponseHead.make(head, contentLength: contentLength, dateLine: self.lane.dateLine())
        self.write(.headers(.init(headers: headers, endStream: isEnd)), on: stream.id)
    }

    func writeContinue(_ stream: HTTP2Stream) {
        self.write(.headers(.init(headers: [":status": "100"])), on: stream.id)
        self.flushSoon()
    }

    /// Queues body bytes; NIO cuts them to the client's windows and frame size.
    func writeData(_ bytes: UnsafeRawBufferPointer, of stream: HTTP2Stream, isEnd: Bool) {
        guard let context = self.context else { return stream.chunkLeft(isSent: false) }
        let count = bytes.count
        self.unwritten += count
        self.outputCharge?.hold(self.unwritten)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.unwritten -= count
            self.outputCharge?.hold(self.unwritten)
            let isSent = if case .success = result { true } else { false }
            stream.chunkLeft(isSent: isSent)
            if isEnd, isSent { self.answerWritten(stream) }
            if !self.queue.isEmpty { self.scheduleTurn() }
            self.settle()
        }
        let data = HTTP2Frame.FramePayload.Data(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: isEnd)
        self.write(.data(data), on: stream.id, promise)
    }

    /// Whether a response, or a piece of one, of `count` bytes may begin to wait for the client.
    func mayBuffer(_ count: Int) -> Bool {
        self.unwritten + count <= HTTPConnection.smallOutput || self.outputCharge?.isFull != true
    }

    /// An answer that came before the end of its request: the rest of the request is not wanted (RFC 9113, 8.1).
    func answerWritten(_ stream: HTTP2Stream) {
        if !stream.isRequestWhole, !stream.isClosed { self.reset(stream, .noError) }
    }

    func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        self.write(.rstStream(code), on: stream.id)
        self.flushSoon()
    }

    /// Answers a request that does not reach the application.
    func refuse(_ stream: HTTP2Stream, _ error: HTTPRequestError) {
        self.forgetInput(of: stream)
        stream.phase = .answered
        stream.request = HTTPRequest()
        stream.inputCharge = nil
        self.allowance.spend(HTTP2Allowance.perRefusal)
        let problem = ProblemResponse(error)
        self.writeHead(problem.head, of: stream, contentLength: problem.body.count, isEnd: stream.isHead)
        if stream.isHead {
            self.answerWritten(stream)
        } else {
            problem.body.withUnsafeBytes { self.writeData($0, of: stream, isEnd: true) }
        }
        self.flushSoon()
    }

    func widenWindow(of id: HTTP2StreamID, from size: Int, to target: Int) {
        guard target > size else { return }
        self.write(.windowUpdate(windowSizeIncrement: target - size), on: id)
        self.flushSoon()
    }

    /// Output inside a read is flushed at its end.
    func flushSoon() {
        if !self.isReading { self.context?.flush() }
    }

    /// Lets an answer leave after what its request held was given back: the client's next one must not meet it.
    func flushNextTurn() {
        if !self.isReading { self.scheduleTurn() }
    }

    func write(
        _ payload: HTTP2Frame.FramePayload,
        on id: HTTP2StreamID,
        _ promise: EventLoopPromise<Void>? = nil
    ) {
        guard let context = self.context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.write(Self.wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: promise)
    }
}
