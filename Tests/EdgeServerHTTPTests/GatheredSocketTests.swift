import NIOCore
import Testing

@testable import EdgeServer

/// Connections that are refused, with real sockets and the kernel's set of them.
@Suite("Gathered reads of real sockets")
struct GatheredSocketTests {
    private static func get(_ path: String) -> String {
        "GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n"
    }

    /// From the first refusal on, for ever.
    private static func always(_ configuration: inout HTTPServerConfiguration) {
        configuration.gathering.window = 1
        configuration.gathering.beginning = 1
        configuration.gathering.least = 0
    }

    private static func refusedClients(_ count: Int, of server: SocketServer) throws -> [SocketClient] {
        let clients = try (0..<count).map { _ in try server.client() }
        // Until all are held: the first refusals come before the lane gathers.
        for _ in 0..<1000 where try server.heldCount() < count {
            for client in clients {
                try client.send(Self.get("/refuse"))
                #expect(try client.readResponse().status == "503 Service Unavailable")
            }
        }
        #expect(try server.heldCount() == count)
        return clients
    }

    @Test func eachGetsItsAnswers() throws {
        let server = try SocketServer(Self.always)
        let clients = try Self.refusedClients(40, of: server)
        for round in 0..<20 {
            for client in clients { try client.send(Self.get("/refuse")) }
            for client in clients { #expect(try client.readResponse().body == "no room", "round \(round)") }
        }
        #expect(try server.heldCount() == clients.count)
        for (index, client) in clients.enumerated() { try client.send(Self.get("/\(index)")) }
        for (index, client) in clients.enumerated() { #expect(try client.readResponse().body == "hello /\(index)") }
        #expect(try server.heldCount() == 0)
        try server.stop()
    }

    @Test func requestsInPiecesPipelinesAndBodiesAreRead() throws {
        let server = try SocketServer(Self.always)
        let client = try Self.refusedClients(1, of: server)[0]
        for byte in Self.get("/refuse").utf8 { try client.send([byte]) }
        #expect(try client.readResponse().body == "no room")
        try client.send((0..<50).map { Self.get($0 % 2 == 0 ? "/refuse" : "/\($0)") }.joined())
        for index in 0..<50 {
            #expect(try client.readResponse().body == (index % 2 == 0 ? "no room" : "hello /\(index)"))
        }
        try client.send(Self.get("/refuse"))
        #expect(try client.readResponse().body == "no room")
        let body = String(repeating: "x", count: 200_000)
        try client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" + body)
        #expect(try client.readResponse().body == body)
        try server.stop()
    }

    @Test func aHeldRequestThatTakesLongIsAnswered() throws {
        let server = try SocketServer(Self.always)
        let client = try Self.refusedClients(1, of: server)[0]
        try client.send(Self.get("/hold") + Self.get("/behind"))
        #expect(server.events.wait(for: 1) == ["hold"])
        try client.send(Self.get("/refuse"))
        try server.release()
        #expect(try client.readResponse().body == "released")
        #expect(try client.readResponse().body == "hello /behind")
        #expect(try client.readResponse().body == "no room")
        try server.stop()
    }

    @Test func clientsThatCloseAreNoticed() throws {
        let server = try SocketServer(Self.always)
        let clients = try Self.refusedClients(3, of: server)
        clients[0].closeOutput()
        #expect(try clients[0].readToEnd() == "")
        try clients[1].send(Self.get("/refuse"))
        clients[1].closeOutput()
        #expect(try clients[1].readToEnd().hasSuffix("no room"))
        clients[2].reset()
        // The reset has arrived when its place is free.
        for _ in 0..<100_000 where try server.heldCount() > 0 {}
        #expect(try server.heldCount() == 0)
        try server.stop()
    }

    @Test func oneThatClosesIsReadToItsEnd() throws {
        let server = try SocketServer(Self.always)
        let client = try Self.refusedClients(1, of: server)[0]
        try client.send("GET /refuse HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        try client.send(String(repeating: "x", count: 500_000))
        #expect(try client.readToEnd().hasSuffix("no room"))
        #expect(try server.heldCount() == 0)
        try server.stop()
    }

    @Test func aStopClosesThem() throws {
        let server = try SocketServer(Self.always)
        let clients = try Self.refusedClients(5, of: server)
        try server.stop()
        for client in clients { #expect(try client.readToEnd() == "") }
    }

    @Test func overTLSTooEachGetsItsAnswers() throws {
        let server = try TLSServer(Self.always)
        for http in ["http/1.1", "h2"] {
            let client = try server.client(http)
            if http == "h2" { try client.send(RawFrame.preface + RawFrame.settings().bytes) }
            for index in 1...50 {
                if http == "h2" {
                    try client.send(RawFrame.get(UInt32(2 * index - 1), "/refuse").bytes)
                } else {
                    try client.send(Self.get("/refuse"))
                }
                _ = try client.wait {
                    $0.text.split(separator: "no room", omittingEmptySubsequences: false).count > index
                }
            }
            client.close()
        }
        try server.stop()
    }
}
