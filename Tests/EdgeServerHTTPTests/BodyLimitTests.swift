import EdgeRuntime
import NIOCore
import Testing

@testable import EdgeServer

@Suite("Limits of bodies and output")
struct BodyLimitTests {
    private typealias Harness = ConnectionHarness

    private static func post(_ fields: String, _ body: String = "") -> String {
        "POST / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n\r\n\(body)"
    }

    /// A harness whose application takes bodies up to ten bytes and answers with their lengths.
    private func limited(_ configure: (inout HTTPServerConfiguration) -> Void = { _ in }) throws -> Harness {
        let harness = try Harness(configure)
        harness.application.limit = 10
        harness.application.onCall = { $0.respond($0.isRefused ? "refused" : "\($0.request.body.count)") }
        return harness
    }

    @Test func aBodyWithinTheLimitIsRead() throws {
        let harness = try self.limited()
        try harness.send(Self.post("Content-Length: 10", "0123456789"))
        #expect(try harness.output() == Harness.ok("10"))
        #expect(harness.isOpen)
    }

    @Test(arguments: ["Content-Length: 11", "Content-Length: 11\r\nExpect: 100-continue"])
    func anAnnouncedBodyIsRefusedBeforeItIsSent(fields: String) throws {
        let harness = try self.limited()
        try harness.send(Self.post(fields))
        #expect(try harness.output() == Harness.ok("refused", connection: "close"))
        #expect(harness.application.calls[0].request.body == [])
        #expect(!harness.isOpen)
    }

    @Test func aChunkedBodyIsCutWhereItPassesTheLimit() throws {
        let harness = try self.limited()
        try harness.send(Self.post("Transfer-Encoding: chunked", "6\r\nabcdef\r\n"))
        #expect(try harness.output() == "")
        try harness.send("5\r\n")
        #expect(try harness.output() == Harness.ok("refused", connection: "close"))
        #expect(harness.application.calls[0].request.body == [])
        #expect(!harness.isOpen)
    }

    @Test func theLimitIsAskedForEachRequest() throws {
        let harness = try self.limited()
        try harness.send(Self.post("Content-Length: 1", "a"))
        harness.application.limit = 20
        try harness.send(Self.post("Content-Length: 20", String(repeating: "a", count: 20)))
        #expect(try harness.output() == Harness.ok("1") + Harness.ok("20"))
        #expect(harness.application.limitCalls == 2)
        try harness.send(Harness.get())
        #expect(harness.application.limitCalls == 2)
    }

    @Test func theListenersLimitHoldsAsWell() throws {
        let harness = try self.limited { $0.limits.body = 5 }
        try harness.send(Self.post("Transfer-Encoding: chunked", "6\r\nabcdef\r\n"))
        #expect(try harness.output() == Harness.ok("refused", connection: "close"))
    }

    @Test func anApplicationMayAnswerARefusedBodyLater() throws {
        let harness = try Harness()
        harness.application.limit = 10
        try harness.send(Self.post("Content-Length: 11", "01234567890") + Harness.get("/next"))
        let call = harness.application.calls[0]
        #expect(call.isRefused)
        call.respond("later")
        harness.loop.run()
        #expect(try harness.output() == Harness.ok("later", connection: "close"))
        #expect(harness.application.calls.count == 1)
    }

    @Test func bodiesBeyondTheBudgetGet503() throws {
        let harness = try Harness {
            $0.limits.body = 100_000
            $0.maximumBufferedInput = 100_000
        }
        harness.application.onCall = { $0.respond("\($0.request.body.count)") }
        let budget = harness.lane.budgets.input
        try harness.send(Self.post("Content-Length: 100000", String(repeating: "a", count: 90_000)))
        #expect(budget.heldBytes == 90_000)
        // Another address: a body of one that is held up finds no room, a small one does not need any.
        let other = try harness.join(from: "192.0.2.2")
        try other.writeInbound(
            ByteBuffer(string: Self.post("Content-Length: 90000", String(repeating: "b", count: 80_000)))
        )
        let refusal = try #require(try other.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: refusal).hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(String(buffer: refusal).contains("retry-after: 1\r\n"))
        #expect(!other.isActive)
        #expect(budget.heldBytes == 90_000)
        let small = try harness.join(from: "192.0.2.3")
        try small.writeInbound(
            ByteBuffer(string: Self.post("Content-Length: 16000", String(repeating: "c", count: 15_000)))
        )
        try small.writeInbound(ByteBuffer(string: String(repeating: "c", count: 1000)))
        let answer = try #require(try small.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: answer).hasSuffix("\r\n\r\n16000"))
        try harness.send(String(repeating: "a", count: 10_000))
        #expect(try harness.output() == Harness.ok("100000"))
        harness.application.forget()
        #expect(budget.heldBytes == 0)
    }

    @Test func aFullBudgetRefusesBeforeContinue() throws {
        let harness = try Harness {
            $0.limits.body = 100_000
            $0.maximumBufferedInput = 100_000
        }
        var others = ByteCharge(harness.lane.budgets.input, account: PeerAccount(address: nil))
        others.hold(170_000)
        let request = Self.post("Content-Length: 50000\r\nExpect: 100-continue")
        try harness.send(request)
        #expect(try harness.output().hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        others.hold(0)
        let late = try harness.join(from: "192.0.2.2")
        try late.writeInbound(ByteBuffer(string: request))
        let goOn = try #require(try late.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: goOn) == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test func aBodyCountsUntilTheApplicationLetsGoOfIt() throws {
        let harness = try Harness()
        harness.application.onCall = { $0.respond("ok") }
        try harness.send(Self.post("Content-Length: 50000", String(repeating: "a", count: 40_000)))
        try harness.send(String(repeating: "a", count: 10_000))
        #expect(try harness.output() == Harness.ok("ok"))
        // The calls of the application keep the sink, as work that goes on after its answer does.
        #expect(harness.lane.budgets.input.heldBytes == 40_000)
        harness.channel.close(promise: nil)
        harness.loop.run()
        #expect(harness.lane.budgets.input.heldBytes == 40_000)
        harness.application.forget()
        #expect(harness.lane.budgets.input.heldBytes == 0)
    }

    @Test func aLargeAnswerFindsNoRoomBesideOthersThatWait() throws {
        let harness = try Harness { $0.maximumBufferedOutput = 100_000 }
        let held = PeerAccount(address: nil)
        var others = ByteCharge(harness.lane.budgets.output, account: held)
        others.hold(100_000)
        harness.application.onCall = {
            $0.respond(String(repeating: "a", count: $0.path == "/large" ? 70_000 : 60_000))
        }
        try harness.send(Harness.get("/large"))
        #expect(try harness.output().hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        try harness.send(Harness.get("/small"))
        #expect(try harness.output().hasPrefix("HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n"))
        others.hold(0)
        try harness.send(Harness.get("/large"))
        #expect(try harness.output().hasPrefix("HTTP/1.1 200 OK\r\ncontent-length: 70000\r\n"))
        #expect(harness.isOpen)
    }

    @Test func aStreamWithoutRoomIsBrokenOff() throws {
        let harness = try Harness { $0.maximumBufferedOutput = 100_000 }
        var others = ByteCharge(harness.lane.budgets.output, account: PeerAccount(address: nil))
        others.hold(100_000)
        try harness.send(Harness.get())
        let call = harness.application.calls[0]
        call.sink.begin(HTTPResponseHead(status: 200))
        call.write(String(repeating: "a", count: 60_000))
        harness.loop.run()
        #expect(call.written == [true])
        call.write(String(repeating: "a", count: 70_000))
        #expect(call.written == [true])
        harness.loop.run()
        #expect(call.written == [true, false])
        #expect(!harness.isOpen)
        others.hold(0)
    }
}
