import NIOCore

/// One connection of a load: sends a request when it is told to, and tells when the answer has arrived. On its event loop only.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// A request on its way; times are ns since the start of the run.
    struct Exchange {
        var due: UInt64
        var sent: UInt64
    }

    private(set) var exchange: Exchange?
    /// Whether it has answered anything: one that a server closes at once is not opened again at once.
    private(set) var hasAnswered = false
    /// Its index in the pool.
    var position = 0
    /// Whether it waits in the pool for a request.
    var isFree = false
    private let pool: LoadConnectionPool
    private var scanner: ResponseScanner
    /// nil when the connection has ended.
    private var context: ChannelHandlerContext?

    init(pool: LoadConnectionPool, isHead: Bool) {
        self.pool = pool
        self.scanner = ResponseScanner(isHead: isHead)
    }

    func send(_ request: ByteBuffer, _ exchange: Exchange) {
        precondition(self.exchange == nil, "a connection has one request at a time")
        self.exchange = exchange
        self.context?.writeAndFlush(NIOAny(request), promise: nil)
    }

    /// Ends the connection; of a request on its way nothing is told any more.
    func abandon() {
        self.exchange = nil
        self.context?.close(promise: nil)
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        self.pool.opened(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = self.unwrapInboundIn(data)
        self.pool.received(buffer.readableBytes)
        do {
            let response = try buffer.withUnsafeReadableBytes { bytes throws(ResponseScanner.Malformed) in
                let result = try self.scanner.scan(bytes)
                // One request is on its way at a time: what follows its answer belongs to none.
                guard result.consumed == bytes.count else { throw .head }
                return result.response
            }
            if let response { self.complete(response, context) }
        } catch {
            self.end(.malformed)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        if let response = self.scanner.end() { self.finish(response.status) }
        self.end(.closed)
        self.pool.closed(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func complete(_ response: ResponseScanner.Response, _ context: ChannelHandlerContext) {
        // An answer to no request is what a server says before it closes: that it waited too long, or is full.
        guard self.exchange != nil, response.isPersistent else {
            self.finish(response.status)
            context.close(promise: nil)
            return
        }
        self.finish(response.status)
        self.pool.becameFree(self)
    }

    private func finish(_ status: Int) {
        guard let exchange = self.exchange else { return }
        self.exchange = nil
        self.hasAnswered = true
        self.pool.answered(status, exchange)
    }

    private func end(_ failure: LoadRecorder.Failure) {
        guard let exchange = self.exchange else { return }
        self.exchange = nil
        self.pool.failed(failure, exchange)
    }
}
