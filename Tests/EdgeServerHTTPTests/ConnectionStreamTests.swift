import EdgeRuntime
import NIOCore
import NIOEmbedded
import Testing

@testable import EdgeServer

@Suite("Streamed responses and limits of a connection")
struct ConnectionStreamTests {
    private typealias Harness = ConnectionHarness

    private static let chunkedHead = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"

    private func begun(_ request: String = Harness.get()) throws -> (Harness, ScriptedApplication.Call) {
        let harness = try Harness()
        try harness.send(request)
        let call = harness.application.calls[0]
        call.sink.begin(HTTPResponseHead(status: 200))
        return (harness, call)
    }

    @Test func streamsInChunks() throws {
        let (harness, call) = try self.begun()
        #expect(try harness.output() == Self.chunkedHead)
        call.write("hello, chunked world")
        #expect(call.written == [])
        #expect(try harness.output() == "14\r\nhello, chunked world\r\n")
        harness.loop.run()
        #expect(call.written == [true])
        call.write("")
        harness.loop.run()
        call.sink.finish()
        #expect(try harness.output() == "0\r\n\r\n")
        #expect(call.written == [true, true])
        harness.application.onCall = { $0.respond("next") }
        try harness.send(Harness.get())
        #expect(try harness.output() == Harness.ok("next"))
    }

    @Test func streamsUntilCloseToOldClients() throws {
        let (harness, call) = try self.begun("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        call.write("abc")
        call.sink.finish()
        #expect(try harness.output() == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc")
        #expect(!harness.isOpen)
    }

    @Test func sendsOnlyTheHeadOfAStreamToHEAD() throws {
        let (harness, call) = try self.begun("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
        call.write("abc")
        harness.loop.run()
        call.sink.finish()
        #expect(call.written == [true])
        #expect(try harness.output() == Self.chunkedHead)
        #expect(harness.isOpen)
    }

    @Test func waitsForAClientThatDoesNotRead() throws {
        let (harness, call) = try self.begun()
        harness.channel.isWritable = false
        call.write("abc")
        harness.loop.run()
        #expect(call.written == [])
        harness.channel.isWritable = true
        harness.channel.pipeline.fireChannelWritabilityChanged()
        harness.loop.run()
        #expect(call.written == [true])
    }

    @Test func startsNoRequestWhileTheClientDoesNotRead() throws {
        let harness = try Harness()
        harness.application.onCall = { $0.respond($0.path) }
        harness.channel.isWritable = false
        try harness.send(Harness.get("/1"))
        #expect(harness.application.calls.isEmpty)
        harness.channel.isWritable = true
        harness.channel.pipeline.fireChannelWritabilityChanged()
        harness.loop.run()
        #expect(try harness.output() == Harness.ok("/1"))
    }

    @Test func tellsTheWriterWhenTheClientGoes() throws {
        let (harness, call) = try self.begun()
        harness.channel.isWritable = false
        call.write("abc")
        harness.channel.close(promise: nil)
        #expect(call.written == [] && call.cancelCount == 0)
        harness.loop.run()
        #expect(call.written == [false])
        #expect(call.cancelCount == 1)
    }

    @Test func anAbortedStreamHasNoLastChunk() throws {
        let (harness, call) = try self.begun()
        call.write("abc")
        call.sink.abort()
        #expect(try harness.output() == Self.chunkedHead + "3\r\nabc\r\n")
        #expect(!harness.isOpen)
        harness.loop.run()
        #expect(call.cancelCount == 0)
    }

    @Test func anAbortInsideTheCallIsNoLossOfTheClient() throws {
        let harness = try Harness()
        harness.application.onCall = { call in
            call.sink.begin(HTTPResponseHead(status: 200))
            call.sink.abort()
        }
        try harness.send("GET / HTTP/1.0\r\n\r\n")
        harness.loop.run()
        #expect(!harness.isOpen)
        #expect(harness.application.calls[0].cancelCount == 0)
    }

    @Test func asksForTheBodyOfAClientThatWaits() throws {
        let harness = try Harness()
        harness.application.onCall = { $0.respond("ok") }
        try harness.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        #expect(try harness.output() == "HTTP/1.1 100 Continue\r\n\r\n")
        try harness.send("abc")
        #expect(try harness.output() == Harness.ok("ok"))
        #expect(harness.application.calls[0].request.body == Array("abc".utf8))
    }

    @Test func refusesALargeBodyWithoutAskingForIt() throws {
        let harness = try Harness { $0.limits.body = 10 }
        try harness.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n")
        #expect(try harness.output().hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
    }

    @Test func closesAnIdleConnection() throws {
        let harness = try Harness()
        harness.application.onCall = { $0.respond("ok") }
        try harness.send(Harness.get())
        _ = try harness.output()
        harness.sweep(after: 74)
        #expect(harness.isOpen)
        harness.sweep(after: 75)
        #expect(!harness.isOpen)
        #expect(try harness.output() == "")
    }

    @Test func closesIdleConnectionsSoonerWhenNearlyAllAreOpen() throws {
        let harness = try Harness { $0.maximumConnections = 20 }
        let others = try (2...18).map { try harness.join(from: "192.0.2.\($0)") }
        harness.sweep(after: 0)
        harness.sweep(after: 5)
        #expect(harness.isOpen)
        let last = try harness.join(from: "192.0.2.19")
        harness.sweep(after: 6)
        harness.sweep(after: 10)
        #expect(harness.isOpen && last.isActive)
        harness.sweep(after: 11)
        #expect(!harness.isOpen && others.allSatisfy { !$0.isActive })
    }

    @Test func timesOutASlowHeadHoweverItTrickles() throws {
        let harness = try Harness()
        try harness.send("GET / HT")
        harness.sweep(after: 9)
        try harness.send("TP/1.1\r\nHost: h\r\nX: ")
        #expect(harness.isOpen)
        harness.sweep(after: 10)
        #expect(try harness.output().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(!harness.isOpen)
    }

    @Test func timesOutABodyThatDripsButNotOneThatMoves() throws {
        let harness = try Harness()
        try harness.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 20000\r\n\r\n")
        harness.sweep(after: 29)
        try harness.send(String(repeating: "a", count: 15_000))
        harness.sweep(after: 58)
        try harness.send("a")
        #expect(harness.isOpen)
        harness.sweep(after: 60)
        #expect(try harness.output().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(harness.application.calls.isEmpty)
    }

    @Test func leavesTheApplicationItsTime() throws {
        let harness = try Harness()
        try harness.send(Harness.get())
        harness.sweep(after: 100_000)
        #expect(harness.isOpen)
    }

    @Test func refusesConnectionsBeyondTheMaximum() throws {
        let harness = try Harness { $0.maximumConnections = 1 }
        let second = try harness.join(from: "192.0.2.2")
        let buffer = try #require(try second.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: buffer).hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(!second.isActive)
        #expect(harness.lane.connectionCount == 1)
    }
}
