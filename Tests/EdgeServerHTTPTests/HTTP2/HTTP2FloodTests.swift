import NIOCore
import Testing

@testable import EdgeServer

/// Floods end in a GOAWAY within a bounded number of frames.
@Suite("HTTP/2 floods")
struct HTTP2FloodTests {
    struct Flood: Sendable, CustomTestStringConvertible {
        var name: String
        /// GOAWAY must have come after so many rounds.
        var rounds: Int
        var code = ErrorCode.calm
        /// What is sent in one round, numbered from 0.
        var frames: @Sendable (Int) -> [RawFrame]

        var testDescription: String { self.name }
    }

    /// The client's stream of a round.
    private static func stream(_ round: Int) -> UInt32 { UInt32(2 * round + 1) }

    static let floods: [Flood] = [
        Flood(name: "ping", rounds: 201) { _ in [.ping()] },
        Flood(name: "settings", rounds: 201) { _ in [.settings()] },
        Flood(name: "priority", rounds: 201) { [.priority(UInt32(2 * $0 + 1))] },
        Flood(name: "rapid reset (CVE-2023-44487)", rounds: 201) { [.get(stream($0)), .reset(stream($0))] },
        Flood(name: "rapid reset of bodies", rounds: 201) { [.post(stream($0)), .reset(stream($0))] },
        Flood(name: "made to reset by a window (CVE-2025-8671)", rounds: 201) {
            [.post(stream($0)), .windowUpdate(stream($0), 0x7fff_ffff)]
        },
        Flood(name: "malformed requests", rounds: 201) { [.headers(stream($0), [(":method", "GET")])] },
        Flood(name: "refused requests", rounds: 66) { [.headers(stream($0), RawFrame.request("GET", "/a#b"))] },
        Flood(name: "empty data", rounds: 12) { round in
            round == 0 ? [.post(1), .data(1)] : [.data(1)]
        },
        Flood(name: "continuation (CVE-2024-27316)", rounds: 8) { round in
            round == 0
                ? [.headers(1, RawFrame.request("GET"), isWhole: false)]
                : [.continuation(1, RawFrame.block([("a\(round)", "b")]), isWhole: false)]
        },
        Flood(name: "empty continuation", rounds: 8) { round in
            round == 0
                ? [.headers(1, RawFrame.request("GET"), isWhole: false)] : [.continuation(1, [], isWhole: false)]
        },
        Flood(name: "window updates by one byte", rounds: 45_000) { _ in [.windowUpdate(0, 1)] },
        Flood(name: "unknown frames", rounds: 400) { _ in
            [RawFrame(kind: 0x42, payload: [UInt8](repeating: 0, count: 2000))]
        },
        Flood(name: "window updates of closed streams", rounds: 45_000) { round in
            round == 0 ? [.get(1), .reset(1)] : [.windowUpdate(1, 1)]
        },
        Flood(name: "data by single bytes", rounds: 65_000) { round in
            round == 0 ? [.post(1)] : [.data(1, "x")]
        },
    ]

    @Test("a flood is ended", arguments: Self.floods)
    func isEnded(_ flood: Flood) throws {
        let harness = try HTTP2Harness()
        var sent = 0
        // In reads of about 200 frames, as a flood arrives.
        while sent < flood.rounds + 200, harness.isOpen {
            let rounds = sent..<min(sent + 200, flood.rounds)
            guard !rounds.isEmpty else { break }
            try harness.send(bytes: rounds.flatMap { flood.frames($0).flatMap { $0.bytes } })
            sent = rounds.upperBound
        }
        #expect(harness.goAwayCode == flood.code)
        #expect(!harness.isOpen)
        #expect(harness.lane.connectionCount == 0)
    }

    @Test("a header list beyond the limit ends the connection before it is held")
    func headerBomb() throws {
        // One entry of 4,000 bytes in the table, then thousands of references to it by one byte each.
        let harness = try HTTP2Harness()
        let entry: [UInt8] =
            [0x40] + RawFrame.string(Array("a".utf8))
            + RawFrame.string([UInt8](repeating: 0x62, count: 4000))
        let references = [UInt8](repeating: 0x80 | 62, count: 12_000)
        let block = RawFrame.block(RawFrame.request("GET")) + entry + references
        try harness.send(RawFrame(kind: RawFrame.Kind.headers, flags: 5, stream: 1, payload: block))
        #expect(harness.goAwayCode != nil)
        #expect(!harness.isOpen)
        #expect(harness.application.calls.isEmpty)
    }

    @Test("streams over the limit are refused")
    func concurrentStreams() throws {
        let harness = try HTTP2Harness()
        for stream in stride(from: UInt32(1), to: 203, by: 2) { try harness.send(.post(stream)) }
        #expect(harness.answers[201]?.reset == ErrorCode.refusedStream || harness.goAwayCode != nil)
        #expect(harness.answers[199]?.reset == nil)
    }

    @Test("requests that were reset count while the application is at them")
    func runningRequests() throws {
        let harness = try HTTP2Harness { $0.http2.concurrentStreams = 10 }
        for round in 0..<50 {
            let stream = UInt32(2 * round + 1)
            try harness.send(.get(stream), .reset(stream))
        }
        // Exchanges were told, so that they count no more; sinks without one would.
        #expect(harness.application.calls.allSatisfy { $0.cancelCount == 1 })
        #expect(harness.isOpen)
    }
}
