import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// A TLS client for one connection that trusts any certificate. Waits give up after ten seconds.
final class TLSClient {
    struct Seen: Sendable {
        var bytes: [UInt8] = []
        var negotiated: String?
        /// Nothing more comes.
        var isEnded = false
        /// It ended without an end of TLS.
        var wasTruncated = false

        var text: String { String(decoding: self.bytes, as: UTF8.self) }
    }

    struct Timeout: Error {
        var seen: Seen
    }

    private let channel: any Channel
    private let record = Record()

    init(port: Int, group: any EventLoopGroup, protocols: [String] = []) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = protocols
        // The client would wait as long for an end that NIO does not notice once it is closing.
        configuration.shutdownTimeout = .milliseconds(50)
        let context = try NIOSSLContext(configuration: configuration)
        let record = self.record
        self.channel = try ClientBootstrap(group: group)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let client = try NIOSSLClientHandler(context: context, serverHostname: nil)
                    try channel.pipeline.syncOperations.addHandlers(client, Recorder(record))
                }
            }
            .connect(host: "127.0.0.1", port: port).wait()
    }

    func send(_ text: String) throws {
        try self.send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        try self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).wait()
    }

    /// Closes the client's side of TLS and of the connection.
    func closeOutput() throws {
        try self.channel.close(mode: .output).wait()
    }

    func close() {
        try? self.channel.close().wait()
    }

    var certificate: NIOSSLCertificate? {
        try? self.channel.nioSSL_peerCertificate().wait()
    }

    /// What was seen as soon as the condition holds.
    func wait(until condition: (Seen) -> Bool) throws -> Seen {
        try self.record.wait(until: condition)
    }

    /// What the connection's event loop tells the test's thread.
    private final class Record: Sendable {
        private let seen = NIOLockedValueBox(Seen())
        private let changed = NSCondition()

        func change(_ body: (inout Seen) -> Void) {
            self.changed.lock()
            self.seen.withLockedValue(body)
            self.changed.broadcast()
            self.changed.unlock()
        }

        func wait(until condition: (Seen) -> Bool) throws -> Seen {
            let deadline = Date(timeIntervalSinceNow: 10)
            self.changed.lock()
            defer { self.changed.unlock() }
            while true {
                let seen = self.seen.withLockedValue { $0 }
                if condition(seen) { return seen }
                guard self.changed.wait(until: deadline) else { throw Timeout(seen: seen) }
            }
        }
    }

    private final class Recorder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let record: Record

        init(_ record: Record) {
            self.record = record
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Self.unwrapInboundIn(data).readableBytesView
            self.record.change { $0.bytes += bytes }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            switch event {
            case TLSUserEvent.handshakeCompleted(let negotiated):
                self.record.change { $0.negotiated = negotiated ?? "" }
            case ChannelEvent.inputClosed:
                self.record.change { $0.isEnded = true }
            default: break
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            guard case NIOSSLError.uncleanShutdown = error else { return }
            self.record.change { $0.wasTruncated = true }
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.record.change { $0.isEnded = true }
        }
    }
}
