import EdgeRuntime
import Testing

@testable import EdgeServer

@Suite("Request parser")
struct RequestParserTests {
    @Test("gives the same outcome however the input is cut", arguments: ParserCases.all)
    func cuts(_ raw: ParserCase) {
        let bytes = Array(raw.input.utf8)
        #expect(ParserHarness.run(pieces: [bytes]) == raw.outcomes, "whole")
        #expect(ParserHarness.run(pieces: bytes.map { [$0] }) == raw.outcomes, "byte by byte")
        for cut in 1..<max(2, bytes.count) {
            let pieces = [Array(bytes[..<min(cut, bytes.count)]), Array(bytes[min(cut, bytes.count)...])]
            let outcomes = ParserHarness.run(pieces: pieces)
            #expect(outcomes == raw.outcomes, "cut at \(cut)")
            if outcomes != raw.outcomes { break }
        }
    }

    @Test func coversManyCases() {
        #expect(ParserCases.all.count >= 80)
    }

    @Test("gives the same outcome for random cuts of random pipelines")
    func randomCuts() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let whole = ParserCases.all.filter { raw in
            raw.outcomes.allSatisfy { if case .request = $0 { true } else { false } } && !raw.outcomes.isEmpty
        }
        for round in 0..<300 {
            var (bytes, expected): ([UInt8], [ParserOutcome]) = ([], [])
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                guard let raw = whole.randomElement(using: &generator) else { continue }
                bytes += Array(raw.input.utf8)
                expected += raw.outcomes
            }
            if let last = ParserCases.all.randomElement(using: &generator) {
                bytes += Array(last.input.utf8)
                expected += last.outcomes
            }
            var pieces: [[UInt8]] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...40, using: &generator))
                pieces.append(Array(bytes[start..<end]))
                start = end
            }
            #expect(ParserHarness.run(pieces: pieces) == expected, "seed \(seed), round \(round)")
        }
    }

    @Test("never crashes and never disagrees with itself on mutated input")
    func mutations() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        for round in 0..<2000 {
            guard let raw = ParserCases.all.randomElement(using: &generator) else { continue }
            var bytes = Array(raw.input.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[at] = UInt8.random(in: 0...255, using: &generator)
            }
            let whole = ParserHarness.run(pieces: [bytes])
            #expect(ParserHarness.run(pieces: bytes.map { [$0] }) == whole, "seed \(seed), round \(round)")
        }
    }

    @Test func asksForContinueOnceAndOnlyWhenTheBodyIsAwaited() {
        let head = Array("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".utf8)
        var waiting = ParserHarness()
        waiting.feed(head)
        #expect(waiting.continueCount == 1)
        waiting.feed(Array("a".utf8))
        waiting.feed(Array("b".utf8))
        #expect(waiting.continueCount == 1)
        #expect(waiting.outcomes.count == 1)

        var eager = ParserHarness()
        eager.feed(head + Array("a".utf8))
        #expect(eager.continueCount == 0)

        var old = ParserHarness()
        old.feed(Array("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".utf8))
        #expect(old.continueCount == 0)
    }

    @Test func looksAtEachByteOfALongLineOnce() {
        // A scan from the start at each step would look at 80 billion bytes.
        var limits = HTTPLimits()
        limits.requestLine = 400_000
        limits.head = 500_000
        var parser = RequestParser(limits: limits, remoteAddress: "")
        let bytes = [UInt8](repeating: 0x41, count: 400_000)
        let waited = bytes.withUnsafeBytes { input in
            (1...input.count).allSatisfy { end in
                parser.parse(UnsafeRawBufferPointer(rebasing: input[..<end])) == (0, .needsMore)
            }
        }
        #expect(waited)
    }

    @Test func keepsNothingOfALargeRequest() {
        var parser = RequestParser(limits: HTTPLimits(), remoteAddress: "")
        let text =
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + String(repeating: "x", count: 100_000)
        Array(text.utf8).withUnsafeBytes { input in
            let head = parser.parse(input)
            #expect(head.progress == .bodyFollows)
            let body = parser.parse(UnsafeRawBufferPointer(rebasing: input[head.consumed...]))
            #expect(body.progress == .complete)
        }
        #expect(parser.request.body.count == 100_000)
        parser.reset()
        #expect(parser.request.body.capacity <= 4096)
    }
}

@Suite("Byte classes")
struct ByteClassTests {
    private func members(_ byteClass: ByteClass) -> String {
        String(decoding: (0...255).map { UInt8($0) }.filter { byteClass.contains($0) }, as: UTF8.self)
    }

    @Test func haveTheMembersOfTheRFC() {
        let digits = "0123456789"
        let upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        let lower = upper.lowercased()
        #expect(self.members(.token) == "!#$%&'*+-." + digits + upper + "^_`" + lower + "|~")
        #expect(self.members(.registeredName) == "!$&'()*+,-." + digits + ";=" + upper + "_" + lower + "~")
        #expect(self.members(.digit) == digits)
        #expect(self.members(.hexDigit) == digits + "ABCDEFabcdef")
        #expect(self.members(.addressLiteral) == "." + digits + ":ABCDEFabcdef")
        let visible = (0x21...0x7e).map { UInt8($0) }.filter { $0 != UInt8(ascii: "#") }
        #expect(self.members(.target) == String(decoding: visible, as: UTF8.self))
    }
}
