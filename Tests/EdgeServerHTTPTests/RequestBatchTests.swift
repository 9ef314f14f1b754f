import EdgeRuntime
import NIOCore
import NIOEmbedded
import Testing

@testable import EdgeServer

/// Requests that arrive together run together.
@Suite struct RequestBatchTests {
    private static func harness(of size: Int) throws -> ConnectionHarness {
        try ConnectionHarness { $0.batchedRequests = size }
    }

    private static func answers(_ channel: EmbeddedChannel) throws -> Int {
        var text = ""
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text.split(separator: "HTTP/1.1 200 OK").count
    }

    @Test func runsWhenAllThatHasArrivedIsRead() throws {
        let harness = try Self.harness(of: 8)
        let other = try harness.join()
        harness.application.onCall = { $0.respond($0.path) }
        try harness.send(ConnectionHarness.get("/first"))
        try other.writeInbound(ByteBuffer(string: ConnectionHarness.get("/second")))
        #expect(harness.application.calls.isEmpty)
        harness.loop.run()
        #expect(harness.application.calls.map(\.path) == ["/first", "/second"])
        #expect(try harness.output() == ConnectionHarness.ok("/first"))
        #expect(try Self.answers(other) == 1)
    }

    @Test func runsAtOnceWhenTheBatchIsFull() throws {
        let harness = try Self.harness(of: 2)
        let other = try harness.join()
        harness.application.onCall = { $0.respond($0.path) }
        try harness.send(ConnectionHarness.get())
        try other.writeInbound(ByteBuffer(string: ConnectionHarness.get()))
        #expect(harness.application.calls.count == 2)
        #expect(try Self.answers(other) == 1)
        // The next one has the turn that was asked for before.
        try harness.send(ConnectionHarness.get("/later"))
        #expect(harness.application.calls.count == 2)
        harness.loop.run()
        #expect(harness.application.calls.count == 3)
    }

    @Test func writesNothingBeforeAllHaveRun() throws {
        let harness = try Self.harness(of: 2)
        let other = try harness.join()
        var written: [Int] = []
        harness.application.onCall = { call in
            call.respond("")
            written.append((try? Self.answers(harness.channel)) ?? -1)
        }
        try harness.send(ConnectionHarness.get())
        try other.writeInbound(ByteBuffer(string: ConnectionHarness.get()))
        #expect(written == [0, 0])
        #expect(try Self.answers(harness.channel) == 1)
    }

    @Test func writesWhatHasRunOnceTheFirstHaveTakenLong() throws {
        let clock = ManualClock()
        let harness = try ConnectionHarness(
            {
                $0.batchedRequests = 6
                $0.batchedStride = 2
                $0.batchedTime = .microseconds(250)
            },
            clock: { clock.now }
        )
        let others = try (1..<6).map { _ in try harness.join() }
        var answered: [Int] = []
        harness.application.onCall = { call in
            answered.append((try? Self.answers(harness.channel)) ?? -1)
            call.respond("")
            clock.now = clock.now + .microseconds(100)
        }
        try harness.send(ConnectionHarness.get())
        for other in others { try other.writeInbound(ByteBuffer(string: ConnectionHarness.get())) }
        // The first answer waits for the fourth request, which ends beyond the time; two are not enough to be late.
        #expect(answered == [0, 0, 0, 0, 1, 0])
        for other in others { #expect(try Self.answers(other) == 1) }
    }

    @Test func answersAPipelineInOneWrite() throws {
        let harness = try Self.harness(of: 8)
        harness.application.onCall = { $0.respond($0.path) }
        try harness.send(ConnectionHarness.get("/a") + ConnectionHarness.get("/b") + ConnectionHarness.get("/c"))
        harness.loop.run()
        let expected = ["/a", "/b", "/c"].map { ConnectionHarness.ok($0) }.joined()
        #expect(try harness.writes() == [expected])
    }

    @Test func dropsTheRequestOfAClientThatIsGone() throws {
        let harness = try Self.harness(of: 8)
        try harness.send(ConnectionHarness.get())
        harness.channel.pipeline.fireChannelInactive()
        harness.loop.run()
        #expect(harness.application.calls.isEmpty)
    }

    @Test func answersAClientThatClosedItsSideBeforeItsTurn() throws {
        let harness = try Self.harness(of: 8)
        harness.application.onCall = { $0.respond($0.path) }
        try harness.send(ConnectionHarness.get("/last"))
        harness.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        harness.loop.run()
        #expect(try harness.output() == ConnectionHarness.ok("/last"))
        #expect(!harness.isOpen)
    }

    @Test func aRequestThatWaitsHoldsUpNoOther() throws {
        let harness = try Self.harness(of: 8)
        let other = try harness.join()
        harness.application.onCall = { if $0.path == "/now" { $0.respond("now") } }
        try harness.send(ConnectionHarness.get("/later"))
        try other.writeInbound(ByteBuffer(string: ConnectionHarness.get("/now")))
        harness.loop.run()
        #expect(try Self.answers(other) == 1)
        #expect(try harness.output().isEmpty)
        harness.application.calls[0].respond("later")
        harness.loop.run()
        #expect(try harness.output() == ConnectionHarness.ok("later"))
    }

    @Test func goesOnWithThePipelineThatFilledTheBatch() throws {
        let harness = try Self.harness(of: 2)
        let other = try harness.join()
        harness.application.onCall = { $0.respond($0.path) }
        try other.writeInbound(ByteBuffer(string: ConnectionHarness.get()))
        try harness.send(ConnectionHarness.get("/a") + ConnectionHarness.get("/b") + ConnectionHarness.get("/c"))
        harness.loop.run()
        #expect(try harness.output() == ["/a", "/b", "/c"].map { ConnectionHarness.ok($0) }.joined())
        #expect(try Self.answers(other) == 1)
    }

    @Test func answersAllOfAPipelineWhoseClientClosedItsSide() throws {
        let harness = try Self.harness(of: 2)
        let other = try harness.join()
        var held: ScriptedApplication.Call?
        harness.application.onCall = { if $0.path == "/held" { held = $0 } else { $0.respond($0.path) } }
        try harness.send(["/held", "/a", "/b", "/c"].map { ConnectionHarness.get($0) }.joined())
        harness.loop.run()
        harness.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        // One waits, so that the next request fills the batch while the rest of the pipeline is being read.
        held?.respond("/held")
        try other.writeInbound(ByteBuffer(string: ConnectionHarness.get()))
        harness.loop.run()
        #expect(try harness.output() == ["/held", "/a", "/b", "/c"].map { ConnectionHarness.ok($0) }.joined())
        #expect(try Self.answers(other) == 1 && !harness.isOpen)
    }
}

private final class ManualClock {
    var now = NIODeadline.uptimeNanoseconds(1)
}
