import NIOCore
import Testing

@testable import EdgeServer

@Suite("Real sockets")
struct SocketTests {
    private static func get(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n"
    }

    @Test func keepsAConnectionAlive() throws {
        let server = try SocketServer()
        let client = try server.client()
        for index in 0..<20 {
            try client.send(Self.get("/\(index)"))
            let response = try client.readResponse()
            #expect(response.status == "200 OK")
            #expect(response.body == "hello /\(index)")
            #expect(!response.head.contains("connection:"))
        }
        try server.stop()
    }

    @Test func answersAPipelineOfFiftyAndLargeAnswersInOrder() throws {
        let server = try SocketServer()
        let client = try server.client()
        let body = String(repeating: "x", count: 100_000)
        let post = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        try client.send((0..<50).map { Self.get("/\($0)") }.joined())
        for index in 0..<50 {
            #expect(try client.readResponse().body == "hello /\(index)")
        }
        for _ in 0..<5 { try client.send(post) }
        for _ in 0..<5 {
            #expect(try client.readResponse().body == body)
        }
        try server.stop()
    }

    @Test(arguments: [1, 8]) func answersWhatComesBehindALargeAnswer(batch: Int) throws {
        let server = try SocketServer { $0.batchedRequests = batch }
        let client = try server.client()
        for _ in 0..<20 {
            try client.send(Self.get("/large") + Self.get("/small"))
            #expect(try client.readResponse().body.utf8.count == 300_000)
            #expect(try client.readResponse().body == "hello /small")
        }
        try server.stop()
    }

    @Test func takesChunkedBodiesByteByByte() throws {
        let server = try SocketServer()
        let client = try server.client()
        let request =
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n5\r\npedia\r\n0\r\n\r\n"
        for byte in request.utf8 { try client.send([byte]) }
        #expect(try client.readResponse().body == "wikipedia")
        try server.stop()
    }

    @Test func sendsContinueThenTakesTheBody() throws {
        let server = try SocketServer()
        let client = try server.client()
        try client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        #expect(try client.readHead() == "HTTP/1.1 100 Continue\r\n\r\n")
        try client.send("abc")
        #expect(try client.readResponse().body == "abc")
        try server.stop()
    }

    @Test func answersHEADAndOldClients() throws {
        let server = try SocketServer()
        let modern = try server.client()
        try modern.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n" + Self.get("/b"))
        #expect(try modern.readHead().contains("content-length: 8\r\n"))
        #expect(try modern.readResponse().body == "hello /b")
        let old = try server.client()
        try old.send("GET /c HTTP/1.0\r\n\r\n")
        let text = try old.readToEnd()
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.contains("\r\nconnection: close\r\n"))
        #expect(text.hasSuffix("\r\n\r\nhello /c"))
        try server.stop()
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request"),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 16777217\r\n\r\n", "413 Content Too Large"),
        ("GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1\r\nHost: h\r\n\r\n", "414 URI Too Long"),
        ("GET / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n", "417 Expectation Failed"),
        (
            "GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "X: y\r\n", count: 101) + "\r\n",
            "431 Request Header Fields Too Large"
        ),
        ("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", "501 Not Implemented"),
        ("GET / HTTP/3.0\r\nHost: h\r\n\r\n", "505 HTTP Version Not Supported"),
    ])
    func refusesAndThenCloses(request: String, status: String) throws {
        let server = try SocketServer()
        let client = try server.client()
        // The rest arrives after the refusal; the client must be able to read its answer nevertheless.
        try client.send(request + String(repeating: "x", count: 200_000))
        let response = try client.readResponse()
        #expect(response.status == status)
        #expect(response.head.contains("content-type: application/problem+json\r\n"))
        #expect(response.head.contains("connection: close\r\n"))
        #expect(response.body.hasPrefix(#"{"type":"about:blank","title":""#))
        #expect(try client.readToEnd() == "")
        try server.stop()
    }

    @Test func endsSlowClients() throws {
        let server = try SocketServer()
        let idle = try server.client()
        let head = try server.client()
        let body = try server.client()
        try idle.send(Self.get("/"))
        _ = try idle.readResponse()
        // The answer to a first request proves that the server has seen each connection before the clock is turned.
        try head.send(Self.get("/") + "GET / HTTP/1.1\r\n")
        _ = try head.readResponse()
        try body.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        _ = try body.readHead()
        try server.sweep(after: 80)
        #expect(try idle.readToEnd() == "")
        #expect(try head.readToEnd().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(try body.readToEnd().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        try server.stop()
    }

    @Test func answersWhatAHalfClosedClientHasSent() throws {
        let server = try SocketServer()
        let client = try server.client()
        try client.send(Self.get("/hold") + Self.get("/2") + "GET /unfinished")
        client.closeOutput()
        #expect(server.events.wait(for: 1) == ["hold"])
        try server.release()
        #expect(try client.readResponse().body == "released")
        #expect(try client.readResponse().body == "hello /2")
        #expect(try client.readToEnd() == "")
        try server.stop()
    }

    @Test func aClientGoneInMidBodyDisturbsNobody() throws {
        let server = try SocketServer()
        let other = try server.client()
        for _ in 0..<10 {
            let client = try server.client()
            try client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nabc")
            client.reset()
        }
        try other.send(Self.get("/"))
        #expect(try other.readResponse().body == "hello /")
        try server.stop()
    }

    @Test func tellsTheApplicationThatTheClientIsGone() throws {
        let server = try SocketServer()
        let client = try server.client()
        try client.send(Self.get("/hold"))
        #expect(server.events.wait(for: 1) == ["hold"])
        client.reset()
        #expect(server.events.wait(for: 2) == ["hold", "cancel"])
        try server.release()
        try server.stop()
    }

    @Test func streamsNoFasterThanTheClientReads() throws {
        let server = try SocketServer()
        let client = try server.client(receiveBuffer: 16 * 1024)
        try client.send(Self.get("/stream"))
        #expect(try client.readHead().contains("transfer-encoding: chunked\r\n"))
        for index in 0..<10 {
            #expect(try client.read(count: 7) == "186a0\r\n")
            let chunk = try client.read(count: 100_000)
            #expect(chunk == String(repeating: "\(index)", count: 100_000))
            #expect(try client.read(count: 2) == "\r\n")
        }
        #expect(try client.read(count: 5) == "0\r\n\r\n")
        try client.send(Self.get("/next"))
        #expect(try client.readResponse().body == "hello /next")
        try server.stop()
    }

    @Test func closesAClientThatStopsReading() throws {
        let server = try SocketServer()
        let client = try server.client(receiveBuffer: 4096)
        let body = String(repeating: "x", count: 8_000_000)
        // Eight megabytes are more than the kernel's buffers on both sides hold.
        try client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body)
        _ = try client.readHead()
        try server.sweep(after: 1)
        try server.sweep(after: 40)
        #expect(throws: SocketClient.Failure.self) { try client.read(count: body.utf8.count) }
        try server.stop()
    }

    @Test func anAbortedStreamIsNoCompleteOne() throws {
        let server = try SocketServer()
        let chunked = try server.client()
        try chunked.send(Self.get("/abort"))
        #expect(try chunked.readToEnd().hasSuffix("\r\n3\r\nabc\r\n"))
        let old = try server.client()
        try old.send("GET /abort HTTP/1.0\r\n\r\n")
        let error = #expect(throws: SocketClient.Failure.self) { try old.readToEnd() }
        #expect(error?.step == "receive")
        try server.stop()
    }

    @Test func shutsDownGracefully() throws {
        let server = try SocketServer()
        // Connections go to the two event loops in turn: when both of these are closed, both loops have begun to drain.
        let idle = [try server.client(), try server.client()]
        for client in idle {
            try client.send(Self.get("/"))
            _ = try client.readResponse()
        }
        let busy = try server.client()
        try busy.send(Self.get("/hold"))
        #expect(server.events.wait(for: 1) == ["hold"])
        let gone = server.listener.shutdown(grace: .seconds(60))
        for client in idle { #expect(try client.readToEnd() == "") }
        #expect(throws: SocketClient.Failure.self) { try server.client() }
        try server.release()
        let last = try busy.readResponse()
        #expect(last.body == "released")
        #expect(last.head.contains("connection: close\r\n"))
        #expect(try busy.readToEnd() == "")
        busy.close()
        try gone.wait()
        try server.group.syncShutdownGracefully()
    }

    @Test func aShutdownEndsAtItsDeadline() throws {
        let server = try SocketServer()
        let busy = try server.client()
        try busy.send(Self.get("/hold"))
        #expect(server.events.wait(for: 1) == ["hold"])
        try server.listener.shutdown(grace: .milliseconds(10)).wait()
        #expect(server.events.wait(for: 2) == ["hold", "cancel"])
        try server.group.syncShutdownGracefully()
    }

    @Test func refusesTheConnectionAboveTheMaximum() throws {
        let server = try SocketServer { $0.maximumConnections = 1 }
        let first = try server.client()
        try first.send(Self.get("/"))
        _ = try first.readResponse()
        let second = try server.client()
        #expect(try second.readToEnd().hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        try first.send(Self.get("/again"))
        #expect(try first.readResponse().body == "hello /again")
        try server.stop()
    }

    @Test func saysWhyItCannotListen() throws {
        let server = try SocketServer()
        let second = HTTPListener.bind(to: server.listener.endpoint, group: server.group) { _, _ in
            PathApplication(events: EventLog())
        }
        let error = #expect(throws: HTTPListenerError.self) { try second.wait() }
        #expect(error?.description == "can't listen on \(server.listener.endpoint): Address already in use")
        try server.stop()
    }
}
