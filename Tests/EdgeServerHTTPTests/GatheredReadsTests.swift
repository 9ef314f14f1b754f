import EdgeRuntime
import NIOCore
import NIOEmbedded
import Testing

@testable import EdgeServer

/// Connections whose requests are refused are read together while many are.
@Suite("Gathered reads")
struct GatheredReadsTests {
    private typealias Harness = ConnectionHarness
    private static let refusal = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"

    /// A lane on which requests to `/full` are refused, those to `/later` wait for the test, and all others are answered.
    private struct Scene {
        let harness: Harness
        let terms: GatheredReads.Terms
        private let reads = ReadCounter()

        init(batch: Int = 1) throws {
            var terms = GatheredReads.Terms()
            terms.beginning = 3
            terms.least = 1
            let chosen = terms
            self.terms = terms
            self.harness = try Harness {
                $0.batchedRequests = batch
                $0.gathering = chosen
            }
            try self.harness.channel.pipeline.syncOperations.addHandler(self.reads, position: .first)
            self.harness.application.onCall = { call in
                switch call.path {
                case "/full": call.refuse()
                case "/later": break
                default: call.respond(call.path)
                }
            }
        }

        /// Refuses so many that the lane gathers.
        func overload() throws {
            let other = try self.harness.join()
            for _ in 0..<self.terms.beginning {
                try other.writeInbound(ByteBuffer(string: Harness.get("/full")))
                self.harness.loop.run()
            }
            other.close(promise: nil)
            self.advance(intervals: self.terms.window)
        }

        func advance(intervals: Int) {
            self.harness.loop.advanceTime(by: self.terms.interval * intervals)
        }

        var isHeld: Bool { self.harness.readiness.holds(self.harness.channel) }

        /// How often more input was asked for meanwhile.
        func reads(_ body: () throws -> Void) throws -> Int {
            let before = self.reads.count
            try body()
            self.harness.loop.run()
            return self.reads.count - before
        }
    }

    @Test func aFewRefusalsChangeNothing() throws {
        let scene = try Scene()
        for _ in 1..<scene.terms.beginning {
            #expect(try scene.reads { try scene.harness.send(Harness.get("/full")) } > 0)
        }
        scene.advance(intervals: scene.terms.window)
        #expect(!scene.harness.lane.gathering.isActive)
        #expect(try scene.reads { try scene.harness.send(Harness.get("/full")) } > 0)
        #expect(!scene.isHeld)
    }

    @Test(arguments: [1, 8]) func oneThatIsRefusedWaitsForTheNextReading(batch: Int) throws {
        let scene = try Scene(batch: batch)
        try scene.overload()
        #expect(scene.harness.lane.gathering.isActive)
        #expect(try scene.reads { try scene.harness.send(Harness.get("/full")) } == 0)
        #expect(try scene.harness.output() == Self.refusal)
        #expect(scene.isHeld)
        // Nothing has arrived: it is left alone.
        #expect(try scene.reads { scene.advance(intervals: 1) } == 0)
        scene.harness.readiness.ready = [0]
        #expect(try scene.reads { scene.advance(intervals: 1) } == 1)
        #expect(!scene.isHeld)
        #expect(try scene.reads { try scene.harness.send(Harness.get("/full")) } == 0)
        #expect(scene.isHeld)
    }

    @Test(arguments: [1, 8]) func oneThatIsServedAtOnceIsOnItsOwn(batch: Int) throws {
        let scene = try Scene(batch: batch)
        try scene.overload()
        #expect(try scene.reads { try scene.harness.send(Harness.get("/light")) } > 0)
        #expect(!scene.isHeld)
        try scene.harness.send(Harness.get("/full"))
        scene.harness.loop.run()
        #expect(scene.isHeld)
        #expect(try scene.reads { try scene.harness.send(Harness.get("/light")) } > 0)
        #expect(!scene.isHeld)
        #expect(try scene.harness.output() == Harness.ok("/light") + Self.refusal + Harness.ok("/light"))
    }

    @Test func oneThatWaitedForItsAnswerStays() throws {
        let scene = try Scene()
        try scene.overload()
        try scene.harness.send(Harness.get("/full"))
        #expect(scene.isHeld)
        try scene.harness.send(Harness.get("/later"))
        #expect(try scene.reads { scene.harness.application.calls.last?.respond("done") } == 0)
        #expect(try scene.harness.output() == Self.refusal + Harness.ok("done"))
        #expect(scene.isHeld)
    }

    @Test func oneThatIsNotReadWhileItIsAnsweredIsReadAfterwards() throws {
        let scene = try Scene()
        try scene.overload()
        #expect(scene.harness.lane.gathering.isActive)
        #expect(try scene.reads { try scene.harness.send(Harness.get("/later")) } == 0)
        #expect(try scene.reads { scene.harness.application.calls.last?.respond("done") } > 0)
        #expect(!scene.isHeld)
    }

    @Test func itEndsWithTheRefusals() throws {
        let scene = try Scene()
        try scene.overload()
        try scene.harness.send(Harness.get("/full"))
        #expect(scene.isHeld)
        // The window that counts the last one, and one without any.
        let reads = try scene.reads { scene.advance(intervals: 2 * scene.terms.window) }
        #expect(reads == 1)
        #expect(!scene.isHeld && !scene.harness.lane.gathering.isActive)
        #expect(scene.harness.lane.gathering.heldCount == 0)
        #expect(try scene.reads { try scene.harness.send(Harness.get("/light")) } > 0)
    }

    @Test func itGoesOnWhileRequestsAreRefused() throws {
        let scene = try Scene()
        try scene.overload()
        for _ in 0..<50 {
            try scene.harness.send(Harness.get("/full"))
            scene.advance(intervals: scene.terms.window)
            #expect(scene.isHeld)
        }
    }

    @Test func aPartOfARequestIsNotHeld() throws {
        let scene = try Scene()
        try scene.overload()
        for rest in ["GET /fu", "POST /full HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"] {
            #expect(try scene.reads { try scene.harness.send(Harness.get("/full") + rest) } > 0, "\(rest)")
            #expect(!scene.isHeld)
            let end = rest.hasPrefix("GET") ? String(Harness.get("/full").dropFirst(rest.count)) : "cde"
            #expect(try scene.reads { try scene.harness.send(end) } == 0)
            #expect(scene.isHeld)
        }
        #expect(try scene.harness.output() == String(repeating: Self.refusal, count: 4))
    }

    @Test(arguments: [1, 8]) func aPipelineBehindARefusalIsAnswered(batch: Int) throws {
        let scene = try Scene(batch: batch)
        try scene.overload()
        let paths = ["/full", "/a", "/full", "/full", "/b", "/full"]
        try scene.harness.send(paths.map { Harness.get($0) }.joined())
        let expected = paths.map { $0 == "/full" ? Self.refusal : Harness.ok($0) }.joined()
        #expect(try scene.harness.output() == expected)
        #expect(scene.isHeld)
    }

    @Test func aClientThatGoesAwayLeavesItsPlace() throws {
        let scene = try Scene()
        try scene.overload()
        try scene.harness.send(Harness.get("/full"))
        scene.harness.readiness.ready = [0]
        scene.harness.channel.pipeline.fireChannelInactive()
        #expect(scene.harness.lane.gathering.heldCount == 0)
        scene.advance(intervals: 1)
        let other = try scene.harness.join()
        try other.writeInbound(ByteBuffer(string: Harness.get("/full")))
        #expect(scene.harness.readiness.contexts[0]?.channel === other)
    }

    @Test func aClientThatClosesItsSideIsAnsweredAndClosed() throws {
        let scene = try Scene()
        try scene.overload()
        try scene.harness.send(Harness.get("/full"))
        // The channel reads all there is before it tells of the end.
        try scene.harness.send(Harness.get("/full"))
        scene.harness.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(try scene.harness.output() == Self.refusal + Self.refusal)
        #expect(scene.harness.lane.gathering.heldCount == 0)
        #expect(!scene.harness.isOpen)
    }

    @Test func aStopClosesWhatIsHeld() throws {
        let scene = try Scene()
        try scene.overload()
        try scene.harness.send(Harness.get("/full"))
        let drained = scene.harness.lane.drain(.stop)
        scene.harness.loop.run()
        #expect(!scene.harness.isOpen)
        #expect(scene.harness.lane.gathering.heldCount == 0)
        try drained.wait()
    }

    @Test func aHandoverLetsWhatIsHeldAskOnceMore() throws {
        let scene = try Scene()
        try scene.overload()
        try scene.harness.send(Harness.get("/full"))
        _ = try scene.harness.output()
        let drained = scene.harness.lane.drain(.handover)
        scene.harness.readiness.ready = [0]
        #expect(try scene.reads { scene.advance(intervals: 1) } == 1)
        try scene.harness.send(Harness.get("/light"))
        #expect(try scene.harness.output() == Harness.ok("/light", connection: "close"))
        #expect(!scene.harness.isOpen)
        try drained.wait()
    }

    @Test func oneThatIsAnsweredAfterTheLastReadingIsReadAgain() throws {
        let scene = try Scene(batch: 8)
        try scene.overload()
        // Its request joins the batch in the turn of the last reading, just before that.
        scene.harness.loop.scheduleTask(in: scene.terms.interval * scene.terms.window) {
            try scene.harness.channel.writeInbound(ByteBuffer(string: Harness.get("/light")))
        }
        #expect(try scene.reads { scene.advance(intervals: scene.terms.window) } == 1)
        #expect(!scene.harness.lane.gathering.isActive)
        #expect(try scene.harness.output() == Harness.ok("/light"))
    }

    @Test func oneThatIsHeldForTooLongIsIdle() throws {
        let scene = try Scene()
        try scene.overload()
        try scene.harness.send(Harness.get("/full"))
        scene.harness.sweep(after: 3600)
        #expect(!scene.harness.isOpen)
        #expect(scene.harness.lane.gathering.heldCount == 0)
    }

    @Test func withoutDescriptorsEachIsReadOnItsOwn() throws {
        let scene = try Scene()
        scene.harness.readiness.isOutOfDescriptors = true
        try scene.overload()
        #expect(try scene.reads { try scene.harness.send(Harness.get("/full")) } > 0)
        #expect(scene.harness.lane.gathering.heldCount == 0)
    }

    @Test func overHTTP2TheLastAnswerOfAReadCounts() throws {
        var terms = GatheredReads.Terms()
        terms.beginning = 1
        let chosen = terms
        let harness = try HTTP2Harness { $0.gathering = chosen }
        harness.application.onCall = { call in
            if call.path == "/full" { call.refuse() } else { call.respond("ok") }
        }
        try harness.send(.get(1, "/full"))
        #expect(!harness.readiness.holds(harness.channel))
        harness.loop.advanceTime(by: terms.interval * terms.window)
        try harness.send(.get(3, "/full"))
        #expect(harness.readiness.holds(harness.channel))
        try harness.send(.get(5, "/light"))
        #expect(!harness.readiness.holds(harness.channel))
        try harness.send(.get(7, "/full"))
        harness.readiness.ready = [0]
        harness.loop.advanceTime(by: terms.interval)
        #expect(!harness.readiness.holds(harness.channel))
        try harness.send(.get(9, "/light"))
        #expect([1, 3, 7].allSatisfy { harness.answers[$0]?.status == "503" })
        #expect([5, 9].allSatisfy { harness.answers[$0]?.text == "ok" })
        _ = try harness.channel.finish(acceptAlreadyClosed: true)
        #expect(harness.lane.gathering.heldCount == 0)
    }
}
