import NIOCore
import NIOPosix
import Synchronization

/// A server that does with each request what a script says. Requests have no body.
final class ScriptedServer: Sendable {
    enum Action: Sendable {
        case answer(String)
        /// After so many ms, on the clock of the event loop.
        case answerLate(String, Int64)
        case answerAndClose(String)
        case close
        case ignore
    }

    static let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    static let unavailable = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"

    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let port: Int
    private let channel: any Channel

    /// - Parameter script: what to do with a request, by its number from 0 over all connections.
    init(_ script: @escaping @Sendable (Int) -> Action) throws {
        let count = Counter()
        self.channel = try ServerBootstrap(group: self.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler { script(count.next()) })
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        self.port = self.channel.localAddress?.port ?? 0
    }

    /// Listens no more; connections that are open stay so.
    func stopListening() throws {
        try self.channel.close().wait()
    }

    func stop() throws {
        try? self.channel.close().wait()
        try self.group.syncShutdownGracefully()
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)

        func next() -> Int {
            self.value.withLock { value in
                defer { value += 1 }
                return value
            }
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let next: () -> Action
        private var tail: [UInt8] = []

        init(_ next: @escaping () -> Action) {
            self.next = next
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            for byte in self.unwrapInboundIn(data).readableBytesView {
                self.tail = self.tail.suffix(3) + [byte]
                if self.tail == Array("\r\n\r\n".utf8) { self.perform(self.next(), context) }
            }
        }

        private func perform(_ action: Action, _ context: ChannelHandlerContext) {
            let channel = context.channel
            switch action {
            case .answer(let text):
                channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
            case .answerLate(let text, let milliseconds):
                context.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
                    channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
                }
            case .answerAndClose(let text):
                channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
            case .close: context.close(promise: nil)
            case .ignore: break
            }
        }
    }
}
