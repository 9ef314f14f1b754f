import EdgeRuntime
import NIOCore
import NIOHTTP2

/// One request of an HTTP/2 connection and the sink of its answer.
final class HTTP2Stream: ResponseSink {
    enum Phase {
        /// The body is not whole.
        case receiving
        /// The request is whole and waits for its turn.
        case waiting
        /// The request is with the application.
        case answering
        /// The head of a streamed response was given.
        case streaming
        /// The answer is complete, though perhaps not sent.
        case answered
    }

    let id: HTTP2StreamID
    /// The connection holds its streams and is held by them until the application is done with the request.
    private var connection: HTTP2Connection?
    var phase = Phase.receiving
    var request = HTTPRequest()
    var isHead = false
    /// Whether the client has ended its side.
    var isRequestWhole = false
    /// Nothing can be sent any more: the stream was reset, or the connection is gone.
    private(set) var isClosed = false
    /// How slowly its body may come, and when it must be whole.
    var bodyFloor: RateFloor?
    var bodyDeadline: NIODeadline?
    /// The most bytes of its body.
    var bodyLimit = Int.max
    /// Its head and body, counted against the budget of all connections until the application is done with the request; nil for a
    /// request that came whole and did not wait.
    var inputCharge: ByteCharge?
    private var exchange: (any HTTPExchange)?
    /// The application's callback for the chunk in flight.
    private var written: ((Bool) -> Void)?
    /// Whether it counts among the requests that are with the application.
    private var isRunning = false
    /// Whether a streamed response has body bytes: not with HEAD, nor with 204 and 304.
    private var sendsBody = false

    init(id: HTTP2StreamID, connection: HTTP2Connection) {
        self.id = id
        self.connection = connection
    }

    /// Hands the request to the application.
    func dispatch(to application: any HTTPApplication) {
        precondition(self.phase == .waiting, "a whole request is dispatched once")
        self.phase = .answering
        self.isRunning = true
        let exchange = application.respond(to: self.request, sink: self)
        // The application has copied what it needs.
        self.request = HTTPRequest()
        if self.isRunning { self.exchange = exchange }
    }

    var inputBytes: Int {
        self.request.head.heldBytes + self.request.body.count
    }

    /// Counts what has come of the request, but for a little that every connection may have. Returns false when that is too much.
    func chargeInput() -> Bool {
        guard let connection = self.connection else { return true }
        guard connection.inputBytes > HTTPConnection.uncountedInput else {
            self.inputCharge?.hold(0)
            return true
        }
        if self.inputCharge == nil { self.inputCharge = connection.makeInputCharge() }
        self.inputCharge?.hold(self.inputBytes)
        return self.inputCharge?.isExceeded != true
    }

    /// Lets the application answer a request whose body is too large.
    func refuseBody(by application: any HTTPApplication) {
        precondition(self.phase == .receiving, "a body is refused while it comes")
        self.phase = .answering
        self.isRunning = true
        self.inputCharge = nil
        var request = HTTPRequest()
        swap(&request, &self.request)
        request.body = []
        application.refuseBody(of: request, sink: self)
    }

    func respond(_ head: HTTPResponseHead, body: UnsafeRawBufferPointer) {
        precondition(self.phase == .answering, "a request is answered once")
        self.connection?.noteRefusal(head.isRefusal)
        if self.isHead || self.connection?.mayBuffer(body.count) != false {
            self.send(head, body: body)
        } else {
            let problem = ProblemResponse(HTTPRequestError(.outputOverloaded))
            problem.body.withUnsafeBytes { self.send(problem.head, body: $0) }
        }
    }

    private func send(_ head: HTTPResponseHead, body: UnsafeRawBufferPointer) {
        self.phase = .answered
        if let connection = self.connection, !self.isClosed {
            let hasNoBody = Self.forbidsBody(head.status)
            let sends = !hasNoBody && !self.isHead && !body.isEmpty
            connection.writeHead(head, of: self, contentLength: hasNoBody ? nil : body.count, isEnd: !sends)
            if sends {
                connection.writeData(body, of: self, isEnd: true)
            } else {
                connection.answerWritten(self)
            }
            connection.flushNextTurn()
        }
        self.leaveApplication()
    }

    func begin(_ head: HTTPResponseHead) {
        precondition(self.phase == .answering, "a request is answered once")
        self.phase = .streaming
        guard let connection = self.connection, !self.isClosed else { return }
        self.sendsBody = !Self.forbidsBody(head.status) && !self.isHead
        // The stream ends with the application's last word, whether or not bytes come before it.
        connection.writeHead(head, of: self, contentLength: nil, isEnd: false)
        connection.flushSoon()
    }

    func write(_ chunk: UnsafeRawBufferPointer, written: @escaping (Bool) -> Void) {
        precondition(self.phase == .streaming, "a chunk comes after the head")
        precondition(self.written == nil, "a chunk comes after the one before it was written")
        guard let connection = self.connection, !self.isClosed else { return written(false) }
        self.written = written
        if self.sendsBody, !connection.mayBuffer(chunk.count) {
            // The head is out, so that all that is left is to break off.
            connection.reset(self, .enhanceYourCalm)
            self.chunkLeft(isSent: false)
        } else if self.sendsBody, !chunk.isEmpty {
            connection.writeData(chunk, of: self, isEnd: false)
            connection.flushSoon()
        } else {
            self.chunkLeft(isSent: true)
        }
    }

    func finish() {
        precondition(self.phase == .streaming, "a stream ends after its head")
        self.phase = .answered
        if let connection = self.connection, !self.isClosed {
            connection.writeData(UnsafeRawBufferPointer(start: nil, count: 0), of: self, isEnd: true)
            connection.flushNextTurn()
        }
        self.leaveApplication()
    }

    func abort() {
        precondition(self.phase == .streaming, "a stream ends after its head")
        self.phase = .answered
        if let connection = self.connection, !self.isClosed { connection.reset(self, .internalError) }
        self.leaveApplication()
    }

    /// A chunk is with the kernel, or never will be. The application hears of it outside any call of its own.
    func chunkLeft(isSent: Bool) {
        guard let written = self.written, let connection = self.connection else { return }
        self.written = nil
        connection.lane.eventLoop.assumeIsolated().execute { written(isSent) }
    }

    /// The client has reset the stream or is gone.
    func lose() {
        guard !self.isClosed else { return }
        self.isClosed = true
        self.request = HTTPRequest()
        self.chunkLeft(isSent: false)
        guard let exchange = self.exchange, let connection = self.connection else { return }
        self.leaveApplication()
        connection.lane.eventLoop.assumeIsolated().execute { exchange.cancel() }
    }

    /// The request is over for the application, or it was told that nobody waits.
    private func leaveApplication() {
        self.exchange = nil
        self.inputCharge = nil
        guard self.isRunning, let connection = self.connection else { return }
        self.isRunning = false
        if self.isClosed { self.connection = nil }
        connection.requestLeftApplication()
    }

    /// The stream is closed and the application has nothing to do with it: nothing is to be held.
    func detach() {
        self.isClosed = true
        if !self.isRunning, self.written == nil { self.connection = nil }
    }

    func isBodyLate(now: NIODeadline) -> Bool {
        guard self.phase == .receiving, let floor = self.bodyFloor, let deadline = self.bodyDeadline else {
            return false
        }
        return floor.isBroken(now: now) || now >= deadline
    }

    private static func forbidsBody(_ status: Int) -> Bool {
        assert((200...599).contains(status), "the runtime checks the status")
        return status == 204 || status == 304
    }
}
