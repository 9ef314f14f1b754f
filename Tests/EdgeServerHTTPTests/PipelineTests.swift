import EdgeRuntime
import NIOCore
import NIOEmbedded
import Testing

@testable import EdgeServer

/// Random pipelines of legal requests, cut at random places, answered now, later or by streams, or left by a client that
/// goes away: every answer comes in order and belongs to its request.
@Suite("Random pipelines")
struct PipelineTests {
    /// A request, and its answer as far as the client can tell: status, body and whether the connection lives on.
    private struct Exchange {
        var wire: String
        var answer: String
        var keepsAlive: Bool
    }

    /// What the application does later.
    private final class Later {
        private var jobs: [() -> Void] = []

        func append(_ job: @escaping () -> Void) {
            self.jobs.append(job)
        }

        func run(_ loop: EmbeddedEventLoop) {
            let jobs = self.jobs
            self.jobs = []
            for job in jobs {
                // A piece of a stream comes after the one before it was written.
                loop.run()
                job()
            }
            loop.run()
        }

        func runAll(_ loop: EmbeddedEventLoop) {
            repeat { self.run(loop) } while !self.jobs.isEmpty
        }
    }

    private struct Generator {
        var random: SeededGenerator

        mutating func pipeline() -> [Exchange] {
            let count = Int.random(in: 1...12, using: &self.random)
            return (0..<count).map { self.exchange($0, isLast: $0 == count - 1) }
        }

        /// The path says how the application answers; see ``PipelineTests/answer(_:_:)``.
        private mutating func exchange(_ number: Int, isLast: Bool) -> Exchange {
            let way =
                ["now", "later", "stream", "none", "unchanged", "refuse"].randomElement(using: &self.random) ?? ""
            let method = ["GET", "HEAD", "POST", "PUT"].randomElement(using: &self.random) ?? ""
            let closes = isLast && Bool.random(using: &self.random)
            let isOld = !closes && Int.random(in: 0..<8, using: &self.random) == 0
            var fields = ["Host: h"]
            if closes { fields.append("Connection: close") }
            if isOld { fields.append("Connection: keep-alive") }
            if Bool.random(using: &self.random) { fields.append("X-Pad: " + String(repeating: "p", count: number * 7)) }
            var body = ""
            if method == "POST" || method == "PUT" {
                body = self.body(&fields, mayChunk: !isOld)
            }
            // A body that is too large ends the connection: what follows is never answered.
            let path = "/\(way)/\(number)"
            let wire =
                (Int.random(in: 0..<4, using: &self.random) == 0 && number > 0 ? "\r\n" : "")
                + "\(method) \(path) HTTP/1.\(isOld ? 0 : 1)\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n" + body
            let endsConnection = closes || (way == "stream" && isOld)
            return Exchange(
                wire: wire,
                answer: Self.expectation(way, method, path, isOld: isOld, closes: closes),
                keepsAlive: !endsConnection
            )
        }

        private mutating func body(_ fields: inout [String], mayChunk: Bool) -> String {
            let text = String(repeating: "b", count: Int.random(in: 0...300, using: &self.random))
            guard mayChunk, Bool.random(using: &self.random) else {
                fields.append("Content-Length: \(text.utf8.count)")
                return text
            }
            fields.append("Transfer-Encoding: chunked")
            let cut = Int.random(in: 0...text.count, using: &self.random)
            let pieces = [text.prefix(cut), text.dropFirst(cut)].filter { !$0.isEmpty }
            return pieces.map { String($0.count, radix: 16) + ";x=y\r\n\($0)\r\n" }.joined() + "0\r\nT: v\r\n\r\n"
        }

        private static func expectation(
            _ way: String,
            _ method: String,
            _ path: String,
            isOld: Bool,
            closes: Bool
        ) -> String {
            let connection = closes ? "connection: close\r\n" : isOld ? "connection: keep-alive\r\n" : ""
            let isHead = method == "HEAD"
            switch way {
            case "none": return "HTTP/1.1 204 No Content\r\n\(connection)\r\n"
            case "unchanged": return "HTTP/1.1 304 Not Modified\r\n\(connection)\r\n"
            case "stream" where isOld:
                return "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + (isHead ? "" : path + "!")
            case "stream":
                let body = isHead ? "" : String(path.utf8.count, radix: 16) + "\r\n\(path)\r\n1\r\n!\r\n0\r\n\r\n"
                return "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\(connection)\r\n\(body)"
            case "refuse":
                return "HTTP/1.1 503 Service Unavailable\r\ncontent-length: \(path.utf8.count)\r\n\(connection)\r\n"
                    + (isHead ? "" : path)
            default:
                return "HTTP/1.1 200 OK\r\ncontent-length: \(path.utf8.count)\r\n\(connection)\r\n"
                    + (isHead ? "" : path)
            }
        }

        mutating func pieces(of text: String) -> [String] {
            var rest = Substring(text)
            var pieces: [String] = []
            while !rest.isEmpty {
                let count = Int.random(in: 1...(Bool.random(using: &self.random) ? 5 : 400), using: &self.random)
                pieces.append(String(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            return pieces
        }
    }

    /// Answers by the way that the path names; what comes later is kept for the test to run.
    private static func answer(_ call: ScriptedApplication.Call, _ later: Later) {
        let path = call.path
        switch path.split(separator: "/")[0] {
        case "none": call.respond(status: 204, path)
        case "unchanged": call.respond(status: 304, path)
        case "refuse": call.respond(status: 503, isRefusal: true, path)
        case "now": call.respond(path)
        case "later": later.append { call.respond(path) }
        default:
            call.sink.begin(HTTPResponseHead(status: 200))
            call.write(path)
            later.append {
                call.write("!")
                later.append { call.sink.finish() }
            }
        }
    }

    @Test(arguments: (1...300).map { UInt64($0) })
    func everyAnswerBelongsToItsRequest(seed: UInt64) throws {
        var generator = Generator(random: SeededGenerator(seed: seed))
        let harness = try ConnectionHarness {
            // Some of them are read together with others once one was refused.
            if seed.isMultiple(of: 2) { $0.gathering.beginning = 1 }
        }
        let later = Later()
        harness.application.onCall = { Self.answer($0, later) }
        let pipeline = generator.pipeline()
        let end = pipeline.firstIndex { !$0.keepsAlive }.map { $0 + 1 } ?? pipeline.count
        let expected = pipeline[..<end].map(\.answer).joined()
        var received = ""
        for piece in generator.pieces(of: pipeline.map(\.wire).joined()) where harness.isOpen {
            try harness.send(piece)
            if Bool.random(using: &generator.random) { later.run(harness.loop) }
            received += try harness.output()
            harness.loop.advanceTime(by: .milliseconds(4))
        }
        later.runAll(harness.loop)
        received += try harness.output()
        #expect(received == expected, "seed \(seed)")
        #expect(harness.isOpen == (end == pipeline.count && pipeline[end - 1].keepsAlive), "seed \(seed)")
        #expect(harness.application.calls.count == end, "seed \(seed)")
    }

    /// The client goes away somewhere: what it has received is a beginning of the right answers, and nothing is left.
    @Test(arguments: (1...300).map { UInt64($0) })
    func anAbortLeavesNothingBehind(seed: UInt64) throws {
        var generator = Generator(random: SeededGenerator(seed: seed &* 7919))
        let harness = try ConnectionHarness()
        let later = Later()
        harness.application.onCall = { Self.answer($0, later) }
        let pipeline = generator.pipeline()
        let pieces = generator.pieces(of: pipeline.map(\.wire).joined())
        let abort = Int.random(in: 0..<pieces.count, using: &generator.random)
        var received = ""
        for piece in pieces[...abort] where harness.isOpen {
            try harness.send(piece)
            if Bool.random(using: &generator.random) { later.run(harness.loop) }
            received += try harness.output()
        }
        harness.channel.close(promise: nil)
        harness.loop.run()
        later.runAll(harness.loop)
        #expect(pipeline.map(\.answer).joined().hasPrefix(received), "seed \(seed)")
        #expect(harness.lane.connectionCount == 0, "seed \(seed)")
        #expect(harness.application.calls.allSatisfy { $0.cancelCount <= 1 }, "seed \(seed)")
        harness.application.forget()
        #expect(harness.lane.budgets.input.heldBytes == 0 && harness.lane.budgets.output.heldBytes == 0, "seed \(seed)")
    }
}
