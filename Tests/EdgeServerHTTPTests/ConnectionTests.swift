import EdgeRuntime
import NIOCore
import NIOEmbedded
import Testing

@testable import EdgeServer

@Suite("Connection")
struct ConnectionTests {
    private typealias Harness = ConnectionHarness

    @Test func answersInsideTheCall() throws {
        let harness = try Harness()
        harness.application.onCall = { $0.respond("hi") }
        try harness.send(Harness.get("/a?b"))
        #expect(try harness.writes() == [Harness.ok("hi")])
        try harness.send(Harness.get("/b"))
        #expect(try harness.writes() == [Harness.ok("hi")])
        #expect(harness.application.calls.map(\.path) == ["/a", "/b"])
        #expect(harness.application.calls[0].request.remoteAddress == "192.0.2.1")
        #expect(harness.isOpen)
    }

    @Test func answersLater() throws {
        let harness = try Harness()
        try harness.send(Harness.get())
        #expect(try harness.writes() == [])
        harness.application.calls[0].respond("hi")
        #expect(try harness.writes() == [Harness.ok("hi")])
    }

    /// Until then the application gives back what the request held.
    @Test(arguments: ["", "Connection: close"]) func anAnswerThatComesLaterLeavesInATurnOfItsOwn(field: String) throws {
        let harness = try Harness()
        try harness.send(field.isEmpty ? Harness.get() : Harness.get("/", field))
        harness.application.calls[0].respond("hi")
        #expect(try harness.channel.readOutbound(as: ByteBuffer.self) == nil)
        _ = harness.lane.drain(.stop)
        #expect(try harness.output() == Harness.ok("hi", connection: field.isEmpty ? nil : "close"))
        #expect(!harness.isOpen)
    }

    @Test func answersAPipelineInOneWriteAndInOrder() throws {
        let harness = try Harness()
        harness.application.onCall = { $0.respond($0.path) }
        try harness.send((0..<50).map { Harness.get("/\($0)") }.joined())
        #expect(try harness.writes() == [(0..<50).map { Harness.ok("/\($0)") }.joined()])
    }

    @Test func parsesNothingWhileARequestIsInFlight() throws {
        let harness = try Harness()
        try harness.send(Harness.get("/1") + Harness.get("/2") + "rubbish\r\n")
        #expect(harness.application.calls.map(\.path) == ["/1"])
        harness.application.calls[0].respond("1")
        harness.loop.run()
        #expect(harness.application.calls.map(\.path) == ["/1", "/2"])
        harness.application.calls[1].respond("2")
        let expected = Harness.ok("1") + Harness.ok("2") + "HTTP/1.1 400 Bad Request\r\n"
        #expect(try harness.output().hasPrefix(expected))
    }

    @Test func doesNotCallTheApplicationInsideItsOwnAnswer() throws {
        let harness = try Harness()
        try harness.send(Harness.get("/1") + Harness.get("/2"))
        harness.application.calls[0].respond("1")
        #expect(harness.application.calls.count == 1)
        harness.loop.run()
        #expect(harness.application.calls.count == 2)
    }

    @Test func stopsReadingWhenTooMuchWaits() throws {
        let reads = ReadCounter()
        let harness = try Harness()
        try harness.channel.pipeline.syncOperations.addHandler(reads, position: .first)
        try harness.send(Harness.get("/1"))
        let before = reads.count
        try harness.send(String(repeating: "x", count: 64 * 1024))
        #expect(reads.count == before + 1)
        try harness.send("x")
        #expect(reads.count == before + 1)
    }

    @Test func leavesHEADWithoutABody() throws {
        let harness = try Harness()
        harness.application.onCall = { $0.respond("hello") }
        try harness.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + Harness.get())
        #expect(try harness.output() == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n" + Harness.ok("hello"))
    }

    @Test(arguments: [(204, "No Content"), (304, "Not Modified")])
    func leavesStatusesWithoutABody(status: Int, reason: String) throws {
        let harness = try Harness()
        harness.application.onCall = { $0.respond(status: status, "hello") }
        try harness.send(Harness.get())
        #expect(try harness.output() == "HTTP/1.1 \(status) \(reason)\r\n\r\n")
    }

    @Test func sendsFieldsAndUnknownStatuses() throws {
        let harness = try Harness()
        harness.application.onCall = { call in
            var head = HTTPResponseHead(status: 299)
            head.fields.appendField(name: "Set-Cookie", value: "a")
            head.fields.appendField(name: "set-cookie", value: "b")
            head.fields.appendField(name: "date", value: "mine")
            call.sink.respond(head, body: UnsafeRawBufferPointer(start: nil, count: 0))
        }
        try harness.send(Harness.get())
        let buffer = try harness.channel.readOutbound(as: ByteBuffer.self)
        let text = "HTTP/1.1 299 Unknown\r\nset-cookie: a\r\nset-cookie: b\r\ndate: mine\r\ncontent-length: 0\r\n\r\n"
        #expect(buffer.map { String(buffer: $0) } == text)
    }

    @Test func datesEachResponseOnce() throws {
        let harness = try Harness()
        harness.application.onCall = { $0.respond("") }
        try harness.send(Harness.get())
        let buffer = try #require(try harness.channel.readOutbound(as: ByteBuffer.self))
        let dates = String(buffer: buffer).split(separator: "\r\n").filter { $0.hasPrefix("date: ") }
        #expect(dates.count == 1 && dates.first?.hasSuffix(" GMT") == true)
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"])
    func closesWhenTheClientWantsIt(request: String) throws {
        let harness = try Harness()
        harness.application.onCall = { $0.respond("hi") }
        try harness.send(request + Harness.get("/ignored"))
        #expect(try harness.output() == Harness.ok("hi", connection: "close"))
        #expect(harness.application.calls.count == 1)
        #expect(!harness.isOpen)
    }

    @Test func keepsAnOldConnectionAliveOnRequest() throws {
        let harness = try Harness()
        harness.application.onCall = { $0.respond("hi") }
        try harness.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try harness.output() == Harness.ok("hi", connection: "keep-alive"))
        #expect(harness.isOpen)
    }

    @Test func tellsTheExchangeOnceThatTheClientIsGone() throws {
        let harness = try Harness()
        try harness.send(Harness.get())
        let call = harness.application.calls[0]
        harness.channel.close(promise: nil)
        harness.loop.run()
        #expect(call.cancelCount == 1)
        call.respond("late")
        call.sink.begin(HTTPResponseHead(status: 200))
        call.write("late")
        call.sink.finish()
        call.sink.abort()
        harness.loop.run()
        #expect(call.cancelCount == 1)
        #expect(call.written == [false])
        #expect(harness.lane.connectionCount == 0)
    }

    @Test func tellsNobodyWhenTheAnswerWasComplete() throws {
        let harness = try Harness()
        try harness.send(Harness.get())
        harness.application.calls[0].respond("hi")
        harness.channel.close(promise: nil)
        harness.loop.run()
        #expect(harness.application.calls[0].cancelCount == 0)
    }

    @Test func aSinkOfAnEarlierRequestIsDead() throws {
        let harness = try Harness()
        try harness.send(Harness.get("/1"))
        harness.application.calls[0].respond("1")
        try harness.send(Harness.get("/2"))
        harness.application.calls[0].respond("again")
        harness.application.calls[0].sink.abort()
        harness.application.calls[1].respond("2")
        #expect(try harness.output() == Harness.ok("1") + Harness.ok("2"))
    }

    @Test func refusedRequestsGetAProblemDocument() throws {
        let harness = try Harness()
        try harness.send("GET / HTTP/1.1\r\n\r\n")
        let body =
            #"{"type":"about:blank","title":"Bad Request","status":400,"outcome":"bad_request","#
            + #""detail":"An HTTP/1.1 request needs a host field."}"#
        let head = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
        #expect(try harness.output() == head + "content-length: \(body.utf8.count)\r\nconnection: close\r\n\r\n" + body)
        #expect(!harness.isOpen)
        #expect(harness.application.calls.isEmpty)
    }
}

/// Counts the reads that reach the channel.
final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        self.count += 1
        context.read()
    }
}
