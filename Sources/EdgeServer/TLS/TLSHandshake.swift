import NIOCore
import NIOSSL
import NIOTLS

/// A connection from its accept to the end of its TLS handshake; then it gives its place to an ``HTTPConnection`` or an
/// ``HTTP2Connection``, as the client chose (ALPN).
final class TLSHandshake: ChannelInboundHandler, LaneConnection, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let lane: HTTPLane
    private let credentials: TLSCredentials
    private let remoteAddress: String
    private let deadline: NIODeadline
    private var context: ChannelHandlerContext?
    var laneSlot = -1

    init(lane: HTTPLane, credentials: TLSCredentials, remoteAddress: String) {
        self.lane = lane
        self.credentials = credentials
        self.remoteAddress = remoteAddress
        let timeouts = lane.configuration.timeouts
        // The lane's time may be late by one interval; nobody is timed out early.
        self.deadline = lane.now + timeouts.head + (timeouts.sweepInterval ?? .zero)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { self.open(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        self.open(context)
    }

    /// A connection too many is closed without an answer: the answer would cost a handshake.
    private func open(_ context: ChannelHandlerContext) {
        guard self.laneSlot < 0 else { return }
        guard self.lane.add(self, from: PeerAddress(context.channel.remoteAddress)) == .serve,
            self.lane.draining != .stop
        else { return context.close(promise: nil) }
        do {
            let server = NIOSSLServerHandler(context: self.credentials.context)
            try context.pipeline.syncOperations.addHandler(server, position: .before(self))
            context.read()
        } catch {
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let negotiated):
            self.finish(context, isHTTP2: negotiated == "h2")
        case ChannelEvent.inputClosed:
            self.closeNow()
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func finish(_ context: ChannelHandlerContext, isHTTP2: Bool) {
        do {
            if isHTTP2 {
                try HTTP2Connection.install(
                    in: context,
                    replacing: self,
                    lane: self.lane,
                    client: HTTP2Connection.Client(address: self.remoteAddress, isSecure: true)
                )
            } else {
                try HTTPConnection.install(
                    in: context,
                    replacing: self,
                    lane: self.lane,
                    remoteAddress: self.remoteAddress
                )
            }
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The TLS handler has sent its alert. There is nobody else to tell: a scan of the port would fill the log.
        self.closeNow()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if self.laneSlot >= 0 { self.lane.remove(self) }
        // A successor that was put in just now, and whose first write found the client gone, must hear of it.
        context.fireChannelInactive()
    }

    func sweep(now: NIODeadline) {
        if now >= self.deadline { self.closeNow() }
    }

    func drain(_ mode: DrainMode) {
        // A client whose handshake is cut short has sent no request. In a handover it may go on: it is told then.
        if mode == .stop { self.closeNow() }
    }

    func closeNow() {
        self.context?.closeBelowTLS()
    }
}

extension HTTPConnection {
    /// Takes the place of a finished handshake.
    static func install(
        in context: ChannelHandlerContext,
        replacing handshake: any LaneConnection,
        lane: HTTPLane,
        remoteAddress: String
    ) throws {
        let connection = HTTPConnection(lane: lane, remoteAddress: remoteAddress)
        connection.parser.request.isSecure = true
        // Over TLS, HTTP/2 is chosen in the handshake (RFC 9113, 3.2).
        connection.mayBecomeHTTP2 = false
        try lane.replace(handshake, by: connection) {
            connection.openCharges()
            try context.pipeline.syncOperations.addHandler(connection)
        }
        if let mode = lane.draining { connection.drain(mode) }
        connection.readMore()
    }
}

extension ChannelHandlerContext {
    /// Closes the socket without a word in TLS, so that the client can tell it from an end and nobody is waited for.
    func closeBelowTLS() {
        if let tls = try? self.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
            tls.close(promise: nil)
        } else {
            self.close(promise: nil)
        }
    }
}

/// What NIO's TLS reports as errors.
enum TLSErrors {
    /// Whether the client has closed its side without closing TLS first. Requests that arrived whole are still answered: their
    /// own framing says so.
    static func isTruncation(_ error: any Error) -> Bool {
        if case NIOSSLError.uncleanShutdown = error { true } else { false }
    }
}
