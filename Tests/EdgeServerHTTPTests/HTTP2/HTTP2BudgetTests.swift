import EdgeRuntime
import NIOCore
import Testing

@testable import EdgeServer

/// What a client holds over HTTP/2 counts as over HTTP/1.1.
@Suite("HTTP/2 budgets")
struct HTTP2BudgetTests {
    private static func post(_ stream: UInt32, length: Int? = nil) -> RawFrame {
        .post(stream, "/", length.map { [("content-length", "\($0)")] } ?? [])
    }

    @Test("the application's limit is asked before a body comes, and refuses what is announced over it")
    func announced() throws {
        let harness = try HTTP2Harness()
        harness.application.limit = 10
        harness.application.onCall = { $0.respond(status: $0.isRefused ? 413 : 200, "\($0.request.body.count)") }
        try harness.send(Self.post(1, length: 11))
        #expect(harness.answers[1]?.status == "413" && harness.answers[1]?.isComplete == true)
        try harness.send(Self.post(3, length: 4), .data(3, "1234", isEnd: true))
        #expect(harness.answers[3]?.status == "200" && harness.answers[3]?.text == "4")
        #expect(harness.goAwayCode == nil && harness.isOpen)
    }

    @Test("a refusal without a body ends the stream, too")
    func headWithABody() throws {
        let harness = try HTTP2Harness()
        harness.application.limit = 10
        harness.application.onCall = { $0.respond(status: 413, "too large") }
        try harness.send(.headers(1, RawFrame.request("HEAD") + [("content-length", "100000")], isEnd: false))
        harness.loop.run()
        try harness.collect()
        #expect(harness.answers[1]?.status == "413" && harness.answers[1]?.reset == ErrorCode.none)
        try harness.sweep(after: 100)
        #expect(!harness.isOpen || harness.goAwayCode == ErrorCode.none, "nothing keeps the connection from being idle")
    }

    @Test("a body of unknown length is cut where it passes the limit")
    func passing() throws {
        let harness = try HTTP2Harness()
        harness.application.limit = 10
        harness.application.onCall = { $0.respond(status: $0.isRefused ? 413 : 200, "") }
        try harness.send(Self.post(1), .data(1, "123456"))
        #expect(harness.answers[1] == nil)
        try harness.send(.data(1, "123456"))
        #expect(harness.answers[1]?.status == "413")
        try harness.send(.data(1, "123456", isEnd: true), .get(3))
        #expect(harness.application.calls.count == 2 && harness.answers[3]?.status == "200")
    }

    @Test("bodies count until their requests end, and the one too many is told to come again")
    func input() throws {
        let harness = try HTTP2Harness {
            $0.limits.body = 40_000
            $0.maximumBufferedInput = 60_000
        }
        let piece = String(repeating: "x", count: 16_000)
        for stream: UInt32 in [1, 3, 5] {
            try harness.send(Self.post(stream), .data(stream, piece), .data(stream, piece, isEnd: true))
        }
        #expect((96_001..<97_000).contains(harness.lane.budgets.input.heldBytes), "with their heads")
        try harness.send(Self.post(7), .data(7, piece), .data(7, piece, isEnd: true))
        #expect(harness.answers[7]?.status == "503", "an address may hold one request of the largest size")
        for call in harness.application.calls { call.respond("done") }
        harness.loop.run()
        try harness.collect()
        #expect(harness.answers[1]?.text == "done" && harness.lane.budgets.input.heldBytes == 0)
        try harness.send(Self.post(9), .data(9, "x", isEnd: true))
        #expect(harness.application.calls.count == 4)
    }

    @Test("a body of the largest size fits, with its head")
    func largest() throws {
        let harness = try HTTP2Harness {
            $0.limits.body = 40_000
            $0.maximumBufferedInput = 40_000
            $0.http2.waitingInput = 41_000
        }
        harness.application.onCall = { $0.respond("\($0.request.body.count)") }
        let piece = String(repeating: "x", count: 10_000)
        try harness.send(Self.post(1), .data(1, piece), .data(1, piece), .data(1, piece), .data(1, piece, isEnd: true))
        #expect(harness.answers[1]?.text == "40000")
        #expect(harness.lane.budgets.input.heldBytes == 0)
    }

    @Test("heads of requests whose bodies are waited for count")
    func heads() throws {
        let harness = try HTTP2Harness {
            $0.limits.body = 10_000
            $0.maximumBufferedInput = 40_000
        }
        let large = [("x", String(repeating: "x", count: 7_000)), ("y", String(repeating: "y", count: 7_000))]
        try harness.send(.post(1, "/", large))
        #expect(harness.lane.budgets.input.heldBytes == 0, "every connection may have a little")
        for stream: UInt32 in [3, 5, 7, 9, 11] { try harness.send(.post(stream, "/", large)) }
        #expect((70_001..<72_000).contains(harness.lane.budgets.input.heldBytes))
        try harness.send(.post(13, "/", large))
        #expect(harness.answers[13]?.status == "503" && harness.answers[13]?.fields["retry-after"] == "1")
        harness.application.onCall = { $0.respond("ok") }
        try harness.send(.reset(3), .data(1, "a", isEnd: true), .data(5, "a", isEnd: true), .get(15))
        try harness.send(.reset(7), .reset(9), .reset(11))
        for id: UInt32 in [1, 5, 15] { #expect(harness.answers[id]?.status == "200") }
        harness.loop.run()
        #expect(harness.lane.budgets.input.heldBytes == 0)
    }

    @Test("heads of whole requests that wait for their turn count")
    func waitingHeads() throws {
        let harness = try HTTP2Harness { $0.http2.requestsPerTurn = 1 }
        harness.application.onCall = { $0.respond("ok") }
        let large = [("x", String(repeating: "x", count: 7_000)), ("y", String(repeating: "y", count: 7_000))]
        let frames = stride(from: UInt32(1), to: 9, by: 2).map { RawFrame.get($0, "/", large) }
        try harness.channel.writeInbound(ByteBuffer(bytes: frames.flatMap(\.bytes)))
        #expect(harness.lane.budgets.input.heldBytes > 28_000, "of the three that wait two go beyond a little")
        try harness.collect()
        for id in stride(from: UInt32(1), to: 9, by: 2) { #expect(harness.answers[id]?.status == "200") }
        #expect(harness.lane.budgets.input.heldBytes == 0)
    }

    @Test("answers that wait for the client count, and the large one too many is 503")
    func output() throws {
        let harness = try HTTP2Harness(settings: [(4, 0)]) { $0.maximumBufferedOutput = 200_000 }
        let large = String(repeating: "y", count: 100_000)
        harness.application.onCall = { $0.respond(large) }
        try harness.send(.get(1), .get(3), .get(5))
        #expect(harness.answers[1]?.status == "200" && harness.answers[3]?.status == "503")
        #expect(harness.lane.budgets.output.heldBytes >= 100_000)
        try harness.send(.reset(1, ErrorCode.cancel), .reset(3, ErrorCode.cancel), .reset(5, ErrorCode.cancel))
        harness.loop.run()
        #expect(harness.lane.budgets.output.heldBytes == 0)
    }
}
