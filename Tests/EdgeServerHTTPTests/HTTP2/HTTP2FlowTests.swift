import EdgeRuntime
import NIOCore
import Testing

@testable import EdgeServer

/// Back-pressure, streams that are given up, and clients that do not read.
@Suite("HTTP/2 flow")
struct HTTP2FlowTests {
    /// SETTINGS_INITIAL_WINDOW_SIZE
    private static let window: UInt16 = 4

    @Test("a body waits for the client's windows")
    func windows() throws {
        let harness = try HTTP2Harness(settings: [(Self.window, 4)])
        harness.application.onCall = { $0.respond("0123456789") }
        try harness.send(.get(1))
        #expect(harness.answers[1]?.text == "0123")
        try harness.send(.windowUpdate(1, 3))
        #expect(harness.answers[1]?.text == "0123456")
        #expect(harness.answers[1]?.isComplete == false)
        try harness.send(RawFrame.settings([(4, 100)]))
        #expect(harness.answers[1]?.text == "0123456789")
        #expect(harness.answers[1]?.isComplete == true)
    }

    @Test("a streamed chunk is done when the client has room for it")
    func stream() throws {
        let harness = try HTTP2Harness(settings: [(Self.window, 4)])
        try harness.send(.get(1))
        let call = try #require(harness.application.calls.first)
        call.sink.begin(HTTPResponseHead(status: 200))
        call.write("abc")
        harness.loop.run()
        #expect(call.written == [true])
        call.write("defg")
        harness.loop.run()
        #expect(call.written == [true])
        try harness.send(.windowUpdate(1, 10))
        #expect(call.written == [true, true])
        call.sink.finish()
        harness.loop.run()
        try harness.collect()
        #expect(harness.answers[1]?.text == "abcdefg")
        #expect(harness.answers[1]?.isComplete == true)
        #expect(harness.answers[1]?.fields["content-length"] == nil)
    }

    @Test("a streamed answer to HEAD has no body, and ends")
    func streamedHead() throws {
        let harness = try HTTP2Harness()
        try harness.send(.headers(1, RawFrame.request("HEAD")))
        let call = try #require(harness.application.calls.first)
        call.sink.begin(HTTPResponseHead(status: 200))
        call.write("abc")
        harness.loop.run()
        #expect(call.written == [true])
        call.sink.finish()
        harness.loop.run()
        try harness.collect()
        #expect(harness.answers[1]?.text == "")
        #expect(harness.answers[1]?.isComplete == true)
    }

    @Test("an answer that breaks off resets its stream, and no other")
    func abort() throws {
        let harness = try HTTP2Harness()
        try harness.send(.get(1), .get(3))
        let calls = harness.application.calls
        calls[0].sink.begin(HTTPResponseHead(status: 200))
        calls[0].write("abc")
        harness.loop.run()
        calls[0].sink.abort()
        calls[1].respond("ok")
        harness.loop.run()
        try harness.collect()
        #expect(harness.answers[1]?.reset == ErrorCode.internalError)
        #expect(harness.answers[1]?.isComplete == false)
        #expect(harness.answers[3]?.text == "ok")
        #expect(calls.allSatisfy { $0.cancelCount == 0 })
    }

    @Test("a reset tells the application and its chunk, and later calls do nothing")
    func reset() throws {
        let harness = try HTTP2Harness(settings: [(Self.window, 1)])
        try harness.send(.get(1), .get(3))
        let calls = harness.application.calls
        calls[0].sink.begin(HTTPResponseHead(status: 200))
        calls[0].write("abc")
        try harness.send(.reset(1), .reset(3))
        #expect(calls[0].written == [false])
        #expect(calls.map(\.cancelCount) == [1, 1])
        calls[0].write("more")
        #expect(calls[0].written == [false, false])
        calls[0].sink.finish()
        calls[1].respond("late")
        harness.loop.run()
        #expect(harness.isOpen)
        try harness.send(.get(5))
        #expect(harness.application.calls.count == 3)
    }

    @Test("a connection that goes away tells all its requests")
    func connectionLost() throws {
        let harness = try HTTP2Harness()
        try harness.send(.get(1), .get(3), .post(5), .data(5, "x"))
        harness.channel.close(promise: nil)
        harness.loop.run()
        #expect(harness.application.calls.map(\.cancelCount) == [1, 1])
        #expect(harness.lane.connectionCount == 0)
        harness.application.calls[0].respond("late")
    }

    @Test("while answers wait for the client, its next requests wait too")
    func waitingOutput() throws {
        let harness = try HTTP2Harness(settings: [(Self.window, 0)]) { $0.http2.waitingOutput = 10 }
        harness.application.onCall = { $0.respond("0123456789") }
        try harness.send(.get(1), .get(3), .get(5))
        #expect(harness.application.calls.count == 1)
        try harness.send(.reset(3))
        try harness.send(.windowUpdate(1, 10))
        #expect(harness.application.calls.map(\.path.count) == [1, 1])
        #expect(harness.answers[1]?.isComplete == true)
        try harness.send(.windowUpdate(5, 10))
        #expect(harness.answers[5]?.isComplete == true)
    }

    @Test("many requests in one read are taken in turns, each once and in order")
    func turns() throws {
        let harness = try HTTP2Harness { $0.http2.requestsPerTurn = 3 }
        harness.application.onCall = { $0.respond("ok") }
        let streams = (0..<50).map { UInt32(2 * $0 + 1) }
        try harness.send(bytes: streams.flatMap { RawFrame.get($0, "/\($0)").bytes })
        #expect(harness.application.calls.map(\.path) == streams.map { "/\($0)" })
        #expect(streams.allSatisfy { harness.answers[$0]?.isComplete == true })
    }

    @Test("no more requests are with the application than streams may be open")
    func running() throws {
        let harness = try HTTP2Harness { $0.http2.concurrentStreams = 3 }
        harness.application.hasExchanges = false
        for stream: UInt32 in [1, 3, 5, 7, 9] {
            try harness.send(.get(stream))
            if stream < 7 { try harness.send(.reset(stream)) }
        }
        #expect(harness.application.calls.count == 3)
        harness.application.calls[0].respond("late")
        harness.application.calls[1].respond("late")
        harness.loop.run()
        #expect(harness.application.calls.count == 5)
    }

    @Test("a client that never opens its window is cut off")
    func stall() throws {
        let harness = try HTTP2Harness(settings: [(Self.window, 0)])
        harness.application.onCall = { $0.respond("0123456789") }
        try harness.send(.get(1))
        try harness.sweep(after: 1)
        try harness.sweep(after: 30)
        #expect(harness.isOpen)
        try harness.sweep(after: 31)
        #expect(!harness.isOpen)
        #expect(harness.lane.connectionCount == 0)
    }

    @Test("a client that takes a byte now and then is cut off, one that takes enough is not")
    func drip() throws {
        for (bytes, survives) in [(UInt32(1), false), (UInt32(6000), true)] {
            let harness = try HTTP2Harness(settings: [(Self.window, 0)])
            harness.application.onCall = { $0.respond(String(repeating: "x", count: 100_000)) }
            try harness.send(.get(1))
            for second in stride(from: Int64(1), to: 70, by: 10) {
                try harness.send(.windowUpdate(1, bytes))
                try harness.sweep(after: second)
            }
            #expect(harness.isOpen == survives)
        }
    }

    @Test("while memory for output is short a client must take more, or is cut off within seconds")
    func pressed() throws {
        for (bytes, survives) in [(UInt32(6000), false), (UInt32(140_000), true)] {
            let harness = try HTTP2Harness(settings: [(Self.window, 0)]) {
                $0.maximumBufferedOutput = 1_000_000
            }
            harness.application.onCall = { $0.respond(String(repeating: "x", count: 1_000_000)) }
            try harness.send(.windowUpdate(0, 1 << 20), .get(1))
            for second in stride(from: Int64(1), to: 6, by: 2) {
                try harness.send(.windowUpdate(1, bytes))
                try harness.sweep(after: second)
            }
            #expect(harness.isOpen == survives)
        }
    }

    @Test("a body that does not come is given up with 408")
    func lateBody() throws {
        let harness = try HTTP2Harness()
        try harness.send(.post(1), .data(1, "x"))
        try harness.sweep(after: 29)
        #expect(harness.answers[1] == nil)
        try harness.sweep(after: 31)
        #expect(harness.answers[1]?.status == "408")
        #expect(harness.answers[1]?.reset == ErrorCode.none)
        #expect(harness.isOpen)
    }
}
