import NIOCore

/// Keeps a listening socket going when accepting fails, for example because the process is out of file descriptors.
///
/// The socket stays readable while a connection waits, so trying again at once would spin. Accepting rests for a
/// moment.
final class AcceptPacer: ChannelInboundHandler {
    typealias InboundIn = Channel

    private let pause: TimeAmount
    private var isResting = false

    init(pause: TimeAmount = .milliseconds(100)) {
        self.pause = pause
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !self.isResting, context.channel.isActive else { return }
        self.isResting = true
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: self.pause) {
            self.isResting = false
            try? context.channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }
}
