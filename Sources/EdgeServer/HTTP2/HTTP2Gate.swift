import NIOCore

/// Stands between the socket (or TLS) and NIO's HTTP/2.
///
/// Input is counted, and thrown away once the connection is closing: what comes after a GOAWAY for an error is not to be parsed,
/// yet must be read so that the client gets to read that GOAWAY. Output is gathered: NIO writes each frame in two pieces, and each
/// piece would be a TLS record of its own.
final class HTTP2Gate: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = ByteBuffer

    /// Pieces this large are worth a write of their own; gathering them would cost a copy.
    private static let largePiece = 8 * 1024
    private static let mostGathered = 32 * 1024

    private var context: ChannelHandlerContext?
    private var gathered = ByteBuffer()
    /// Succeeds when what was gathered is with the kernel; the promises of the pieces follow it.
    private var promise: EventLoopPromise<Void>?
    /// Input since the last call of ``takeCount()``.
    private var count = 0
    private var isShut = false
    /// Input thrown away.
    private(set) var discarded = 0

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        self.promise?.fail(ChannelError.ioOnClosedChannel)
        self.promise = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data).readableBytes
        if self.isShut {
            self.discarded += bytes
        } else {
            self.count += bytes
            context.fireChannelRead(data)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .byteBuffer(var piece) = Self.unwrapOutboundIn(data) else {
            preconditionFailure("HTTP/2 frames are bytes")
        }
        if piece.readableBytes >= Self.largePiece {
            self.passOn(context)
            return context.write(Self.wrapOutboundOut(piece), promise: promise)
        }
        self.gathered.writeBuffer(&piece)
        if let promise {
            if let first = self.promise {
                first.futureResult.cascade(to: promise)
            } else {
                self.promise = promise
            }
        }
        if self.gathered.readableBytes >= Self.mostGathered { self.passOn(context) }
    }

    func flush(context: ChannelHandlerContext) {
        self.passOn(context)
        context.flush()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        self.passOn(context)
        context.close(mode: mode, promise: promise)
    }

    private func passOn(_ context: ChannelHandlerContext) {
        guard self.gathered.readableBytes > 0 else { return }
        let (bytes, promise) = (self.gathered, self.promise)
        self.gathered = ByteBuffer()
        self.promise = nil
        context.write(Self.wrapOutboundOut(bytes), promise: promise)
    }

    /// A GOAWAY that names the last stream there can be (RFC 9113, 6.8). NIO's state machine would refuse all streams from then on,
    /// those too that the client has opened before it hears of it; so it does not learn of this one.
    func writeAnnouncement() {
        let header: [UInt8] = [0, 0, 8, 7, 0, 0, 0, 0, 0]
        let lastStream: [UInt8] = [0x7f, 0xff, 0xff, 0xff]
        let noError: [UInt8] = [0, 0, 0, 0]
        self.gathered.writeBytes(header + lastStream + noError)
    }

    func shut() {
        self.isShut = true
    }

    func takeCount() -> Int {
        defer { self.count = 0 }
        return self.count
    }

    /// Calls back when the kernel has taken all output so far.
    func whenWritten(_ body: @escaping (ChannelHandlerContext) -> Void) {
        guard let context = self.context else { return }
        self.passOn(context)
        let promise = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()), promise: promise)
        promise.futureResult.assumeIsolated().whenComplete { _ in body(context) }
    }
}
