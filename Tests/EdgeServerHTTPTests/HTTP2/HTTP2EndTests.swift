import NIOCore
import Testing

@testable import EdgeServer

/// The ways an HTTP/2 connection ends.
@Suite("HTTP/2 ends")
struct HTTP2EndTests {
    private static func lastStreams(_ harness: HTTP2Harness) -> [UInt32] {
        harness.frames.filter { $0.kind == RawFrame.Kind.goAway }.map { $0.number() }
    }

    @Test(
        "a drain announces itself, serves what crosses on the wire, and says where it ends",
        arguments: [
            DrainMode.stop, .handover,
        ]
    )
    func drain(_ mode: DrainMode) throws {
        let harness = try HTTP2Harness()
        harness.application.onCall = { call in
            if call.path == "/" { call.respond("ok") }
        }
        try harness.send(.get(1, "/held"))
        let drained = try harness.drain(mode)
        #expect(Self.lastStreams(harness) == [0x7fff_ffff])
        try harness.send(.get(3))
        #expect(harness.answers[3]?.text == "ok")
        let ping = try #require(harness.frames.last { $0.kind == RawFrame.Kind.ping })
        try harness.send(.ping(true, ping.payload))
        #expect(Self.lastStreams(harness) == [0x7fff_ffff, 3])
        #expect(harness.isOpen)
        harness.application.calls[0].respond("done")
        harness.loop.run()
        try harness.collect()
        #expect(harness.answers[1]?.text == "done")
        #expect(!harness.isOpen)
        try drained.wait()
    }

    @Test("a drain does not wait for a client that ignores it")
    func drainIgnored() throws {
        let harness = try HTTP2Harness()
        _ = try harness.drain()
        #expect(harness.isOpen)
        try harness.sweep(after: 2)
        #expect(Self.lastStreams(harness) == [0x7fff_ffff, 0])
        #expect(!harness.isOpen)
    }

    @Test("an idle connection is closed with a word")
    func idle() throws {
        let harness = try HTTP2Harness()
        harness.application.onCall = { $0.respond("ok") }
        try harness.send(.get(1))
        try harness.sweep(after: 74)
        #expect(harness.isOpen)
        try harness.send(.ping())
        try harness.sweep(after: 75)
        #expect(Self.lastStreams(harness) == [1])
        #expect(harness.goAwayCode == ErrorCode.none)
        #expect(!harness.isOpen)
    }

    @Test("a connection with a request under way is not idle")
    func busy() throws {
        let harness = try HTTP2Harness()
        try harness.send(.get(1))
        try harness.sweep(after: 1000)
        #expect(harness.isOpen)
    }

    @Test("a preface without anything after it is not waited for long")
    func prefaceOnly() throws {
        let harness = try HTTP2Harness(settings: nil)
        try harness.send(bytes: Array("PRI * HTTP/2.0\r\n".utf8))
        try harness.sweep(after: 9)
        #expect(harness.isOpen)
        try harness.sweep(after: 10)
        #expect(!harness.isOpen)
    }

    @Test("what only looks like a preface is refused")
    func falsePreface() throws {
        let harness = try HTTP2Harness(settings: nil)
        try harness.send(bytes: Array("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".utf8) + RawFrame.settings().bytes)
        #expect(harness.goAwayCode == ErrorCode.protocolError)
        #expect(!harness.isOpen)
    }

    @Test(
        "HTTP/2 does not begin after an HTTP/1.1 request",
        arguments: [
            "PRI * HTTP/2.0\r\n", "GET / HTTP/2.0\r\n", "PRI / HTTP/2.0\r\n",
        ]
    )
    func afterRequest(_ line: String) throws {
        let harness = try ConnectionHarness()
        harness.application.onCall = { $0.respond("ok") }
        if line.hasPrefix("PRI *") { try harness.send(ConnectionHarness.get()) }
        try harness.send(line + "\r\nSM\r\n\r\n")
        #expect(try harness.output().contains("HTTP/1.1 505 "))
    }

    @Test("a client that says GOAWAY gets the answers it waits for")
    func clientGoesAway() throws {
        let harness = try HTTP2Harness()
        try harness.send(.get(1), .goAway())
        harness.application.calls[0].respond("ok")
        harness.loop.run()
        try harness.collect()
        #expect(harness.answers[1]?.text == "ok")
    }

    @Test("the timer closes at its deadlines and no earlier")
    func timer() {
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
        var timeouts = HTTPTimeouts()
        timeouts.sweepInterval = nil
        var timer = HTTP2Timer(timeouts: timeouts, now: start)
        func mustClose(after time: TimeAmount, _ backlog: Backlog? = nil) -> Bool {
            timer.sweep(now: start + time, backlog: backlog)
        }
        let preface = (mustClose(after: .seconds(9)), mustClose(after: .seconds(10)))
        #expect(preface == (false, true))
        timer.enter(.busy, now: start)
        let busy = mustClose(after: .hours(1))
        #expect(!busy)
        timer.enter(.closing, now: start)
        let closing = (mustClose(after: .seconds(2), Backlog(taken: 0)), mustClose(after: .seconds(3)))
        #expect(closing == (false, true), "the last output may take its time")
        timer.enter(.idle, now: start)
        timer.hurryIdle(now: start)
        let idle = (mustClose(after: .seconds(4)), mustClose(after: .seconds(5)))
        #expect(idle == (false, true), "nine tenths of the connections are open")
        timer.enter(.busy, now: start)
        timer.hurryIdle(now: start)
        let later = mustClose(after: .hours(1))
        #expect(!later)
    }

    /// As the kernel does for a client that has reset its connection.
    private final class CloseInFlush: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        func flush(context: ChannelHandlerContext) {
            context.close(promise: nil)
        }
    }

    @Test("a client that is gone before the first settings are written leaves nothing behind")
    func goneAtOnce() throws {
        let harness = try HTTP2Harness(settings: nil)
        try harness.channel.pipeline.syncOperations.addHandler(CloseInFlush(), position: .first)
        try harness.send(bytes: RawFrame.preface + RawFrame.settings([]).bytes)
        #expect(!harness.isOpen)
        #expect(harness.lane.connectionCount == 0)
    }

    @Test("an allowance is spent by what is useless and never grows beyond its maximum")
    func allowance() {
        var allowance = HTTP2Allowance(maximum: 100)
        allowance.earn(1000)
        allowance.spend(100)
        #expect(!allowance.isExhausted)
        allowance.spend(1)
        #expect(allowance.isExhausted)
        allowance.earn(1)
        #expect(allowance.remaining == 0)
    }

    @Test("an answer that comes later leaves in a turn of its own")
    func ownTurn() throws {
        let harness = try HTTP2Harness()
        try harness.send(.get(1))
        harness.application.calls[0].respond("hi")
        #expect(try harness.channel.readOutbound(as: ByteBuffer.self) == nil)
        try harness.collect()
        #expect(harness.answers[1]?.text == "hi")
    }
}
