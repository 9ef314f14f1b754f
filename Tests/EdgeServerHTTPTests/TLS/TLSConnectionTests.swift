import Foundation
import NIOCore
import NIOSSL
import Testing

@testable import EdgeServer

/// Connections over TLS.
@Suite("TLS connections")
struct TLSConnectionTests {
    private static let get = "GET /a HTTP/1.1\r\nhost: h\r\n\r\n"

    @Test("HTTP/1.1 runs over TLS", arguments: [[], ["http/1.1"], ["other"]])
    func http1(_ protocols: [String]) throws {
        let server = try TLSServer()
        let client = try TLSClient(port: server.port, group: server.group, protocols: protocols)
        try client.send(Self.get)
        let seen = try client.wait { $0.text.hasSuffix("hello /a") }
        #expect(seen.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(seen.negotiated == (protocols == ["http/1.1"] ? "http/1.1" : ""))
        try client.send(Self.get)
        _ = try client.wait { $0.text.components(separatedBy: "hello /a").count == 3 }
        client.close()
        try server.stop()
    }

    @Test("HTTP/2 is chosen in the handshake")
    func http2() throws {
        let server = try TLSServer()
        let client = try server.client("h2", "http/1.1")
        try client.send(RawFrame.preface + RawFrame.settings().bytes + RawFrame.get(1, "/a").bytes)
        let seen = try client.wait { $0.text.contains("hello /a") }
        #expect(seen.negotiated == "h2")
        client.close()
        try server.stop()
    }

    @Test("over TLS, HTTP/2 is not to be had without being chosen")
    func notNegotiated() throws {
        let server = try TLSServer()
        let client = try server.client("http/1.1")
        try client.send(RawFrame.preface)
        _ = try client.wait { $0.text.hasPrefix("HTTP/1.1 505 ") }
        client.close()
        try server.stop()
    }

    @Test("a client that closes its side of TLS gets its answers, then an end of TLS")
    func halfClosed() throws {
        let server = try TLSServer()
        let client = try server.client()
        try client.send("GET /stream HTTP/1.1\r\nhost: h\r\n\r\n" + Self.get)
        try client.closeOutput()
        let seen = try client.wait { $0.isEnded }
        #expect(seen.text.hasSuffix("hello /a"))
        #expect(seen.bytes.count > 1_000_000)
        #expect(!seen.wasTruncated)
        try server.stop()
    }

    @Test("an answer that is the last ends TLS, and arrives")
    func lastAnswer() throws {
        let server = try TLSServer()
        let client = try server.client()
        // What follows is never read by the server's parser; closing must not reset the answer away.
        try client.send(
            "GET /a HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n" + String(repeating: "x", count: 100_000)
        )
        let seen = try client.wait { $0.isEnded }
        #expect(seen.text.hasSuffix("hello /a"))
        #expect(!seen.wasTruncated)
        client.close()
        try server.stop()
    }

    @Test("an answer without an end is not ended as if it had one")
    func aborted() throws {
        let server = try TLSServer()
        let client = try server.client()
        try client.send("GET /abort HTTP/1.0\r\nhost: h\r\n\r\n")
        let seen = try client.wait { $0.isEnded }
        #expect(seen.wasTruncated)
        try server.stop()
    }

    @Test("plain HTTP on a TLS port is closed")
    func plaintext() throws {
        let server = try TLSServer()
        let client = try SocketClient(port: server.port)
        try client.send(Self.get)
        let answer = (try? client.readToEnd()) ?? ""
        #expect(!answer.contains("HTTP/"))
        try server.stop()
    }

    @Test("a handshake that does not come is not waited for, and counts as a connection")
    func slowHandshake() throws {
        let server = try TLSServer { $0.maximumConnections = 1 }
        let slow = try SocketClient(port: server.port)
        try slow.send([0x16, 0x03, 0x01])
        // The second is one too many, and is closed without a handshake. It is accepted after the first.
        let second = try SocketClient(port: server.port)
        #expect((try? second.readToEnd()) ?? "" == "")
        try server.listener.sweep(now: .now() + .seconds(9)).wait()
        try server.listener.sweep(now: .now() + .seconds(11)).wait()
        #expect((try? slow.readToEnd()) ?? "" == "")
        let client = try server.client()
        try client.send(Self.get)
        _ = try client.wait { $0.text.hasSuffix("hello /a") }
        client.close()
        try server.stop()
    }

    @Test("new connections get the new certificate, old ones go on")
    func renewed() throws {
        let server = try TLSServer()
        let before = try server.client()
        try before.send(Self.get)
        _ = try before.wait { $0.text.hasSuffix("hello /a") }
        let first = try #require(before.certificate)
        try Certificates.make(in: server.folder.path, name: "b", commonName: "second")
        server.folder.link("live.pem", to: "b.pem")
        server.folder.link("live.key", to: "b.key")
        guard case .replaced = server.credentials.refresh(isForced: true) else {
            Issue.record("not read")
            return
        }
        let after = try server.client()
        try after.send(Self.get)
        _ = try after.wait { $0.text.hasSuffix("hello /a") }
        #expect(after.certificate != first)
        try before.send(Self.get)
        _ = try before.wait { $0.text.components(separatedBy: "hello /a").count == 3 }
        before.close()
        after.close()
        try server.stop()
    }

    @Test("a drain tells an HTTP/2 client over TLS, and ends TLS")
    func drain() throws {
        let server = try TLSServer()
        let client = try server.client("h2")
        try client.send(RawFrame.preface + RawFrame.settings().bytes + RawFrame.get(1, "/a").bytes)
        _ = try client.wait { $0.text.contains("hello /a") }
        let stopped = server.listener.shutdown(grace: .seconds(60))
        let announced = try client.wait { Self.goAways($0) == [0x7fff_ffff] }
        #expect(!announced.isEnded)
        try client.send(RawFrame.ping(true).bytes)
        let ended = try client.wait { $0.isEnded }
        #expect(Self.goAways(ended) == [0x7fff_ffff, 1])
        #expect(!ended.wasTruncated)
        client.close()
        try stopped.wait()
        try server.group.syncShutdownGracefully()
    }

    private static func goAways(_ seen: TLSClient.Seen) -> [UInt32] {
        var bytes = seen.bytes
        var streams: [UInt32] = []
        while let frame = RawFrame.take(from: &bytes) {
            if frame.kind == RawFrame.Kind.goAway { streams.append(frame.number()) }
        }
        return streams
    }
}
