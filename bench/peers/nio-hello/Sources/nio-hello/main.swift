import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

enum Answer {
    static let body = "Hello, Ada!\n"
}

/// Answers every request with what the sample worker `hello` answers to `name=Ada`: the peer without Lua.
final class Hello: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let body = ByteBuffer(string: Answer.body)
    private var keepsAlive = true

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            self.keepsAlive = head.isKeepAlive
        case .body:
            break
        case .end:
            var head = HTTPResponseHead(version: .http1_1, status: .ok)
            head.headers.add(name: "content-type", value: "text/plain; charset=utf-8")
            head.headers.add(name: "content-length", value: "\(self.body.readableBytes)")
            context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(self.body))), promise: nil)
            context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
            if !self.keepsAlive { context.close(promise: nil) }
        }
    }
}

/// The least that NIO can do: bytes in, one buffer out for each read that ends a head; nothing is parsed.
final class BareHello: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer = ByteBuffer(
        string: "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\n"
            + "content-length: \(Answer.body.utf8.count)\r\n\r\n\(Answer.body)"
    )

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard Self.unwrapInboundIn(data).readableBytesView.suffix(4).elementsEqual("\r\n\r\n".utf8) else { return }
        context.writeAndFlush(Self.wrapOutboundOut(self.answer), promise: nil)
    }
}

// nio-hello [PORT [bare]]
let port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 0
let isBare = CommandLine.arguments.last == "bare"
let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let channel = try await ServerBootstrap(group: group)
    .serverChannelOption(.backlog, value: 4096)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .childChannelOption(.maxMessagesPerRead, value: isBare ? UInt(1) : UInt(4))
    .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
            if isBare {
                try channel.pipeline.syncOperations.addHandler(BareHello())
            } else {
                try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                try channel.pipeline.syncOperations.addHandler(Hello())
            }
        }
    }
    .bind(host: "127.0.0.1", port: port)
    .get()
let line = "listening on http://127.0.0.1:\(channel.localAddress?.port ?? 0)\n"
// Not print: it would wait in a buffer when the output is a pipe.
_ = line.withCString { write(STDOUT_FILENO, $0, line.utf8.count) }
try await channel.closeFuture.get()
