import Testing

@testable import EdgeServer

struct BenchmarkCompareTests {
    private static func compare(
        _ before: [Double],
        _ after: [Double],
        better: BenchmarkFigure.Better = .lower
    ) -> BenchmarkComparison {
        let figures = [before, after].map { BenchmarkFigure(name: "f", unit: "us", better: better, values: $0) }
        return BenchmarkComparison(before: figures[0], after: figures[1])
    }

    @Test
    func aChangeCountsWhenItExceedsTheNoise() {
        let quiet = [100.0, 101, 99, 100, 102]
        #expect(Self.compare(quiet, quiet.map { $0 * 1.1 }).verdict == .worse)
        #expect(Self.compare(quiet, quiet.map { $0 * 0.9 }).verdict == .better)
        #expect(Self.compare(quiet, quiet.map { $0 * 0.9 }, better: .higher).verdict == .worse)
        #expect(Self.compare(quiet, quiet).verdict == .same)
        let noisy = [100.0, 160, 70, 130, 90]
        #expect(Self.compare(noisy, noisy.map { $0 * 1.1 }).verdict == .same)
    }

    @Test
    func oneDisturbedRoundDoesNotHideAChange() {
        #expect(Self.compare([100, 101, 99, 100, 900], [120, 121, 119, 120, 122]).verdict == .worse)
        #expect(Self.compare([100, 101, 99, 100, 102], [100, 101, 99, 100, 900]).verdict == .same)
    }

    @Test
    func smallChangesDoNotCountHoweverQuietTheRounds() {
        #expect(Self.compare([100, 100, 100], [101.9, 101.9, 101.9]).verdict == .same)
        #expect(Self.compare([100, 100, 100], [102.1, 102.1, 102.1]).verdict == .worse)
        #expect(Self.compare([0, 0, 0], [0, 0, 0]).verdict == .same)
        #expect(Self.compare([0, 0, 0], [1, 1, 1]).verdict == .worse)
    }

    @Test
    func fewRoundsGiveNoVerdict() {
        let comparison = Self.compare([1, 2], [100, 200])
        #expect(comparison.verdict == .unknown && comparison.noise == nil)
        let text = BenchmarkCompareCommand.text([comparison], missing: ["gone"])
        #expect(text.contains("unknown") && text.contains("gone: only in the first"))
        #expect(text.contains("+9900.0%"))
    }

    @Test
    func figuresAreReadFromEachKindOfResult() throws {
        func figures(_ text: String) throws -> [BenchmarkFigure]? {
            BenchmarkFigure.all(in: try #require(JSONReader.read(Array(text.utf8))))
        }
        let suite = #"{"figures":[{"name":"p99","unit":"ms","better":"lower","values":[1,2.5]},{"name":"x"}]}"#
        #expect(try figures(suite) == [BenchmarkFigure(name: "p99", unit: "ms", better: .lower, values: [1, 2.5])])
        let http =
            #"{"benchmark":"http","timeline":[{"ok":5},{"ok":7}],"latency_us":{"ok":{"p50":1,"p99":9}},"server":null}"#
        #expect(try figures(http)?.map(\.name) == ["answers", "ok p50", "ok p99"])
        #expect(try figures(http)?.first?.median == 6)
        #expect(try figures(#"{"fresh_us":{"p50":1.5,"p99":2}}"#)?.count == 2)
        #expect(try figures("[]") == nil)
    }

    @Test
    func jsonIsReadAsWritten() {
        let text = JSONText.object([
            ("a", .array([.null, .integer(-3), .thousandths(2.5)])), ("b", .string("\"\\\n\u{1}é😀")),
        ])
        let value = JSONReader.read(Array(text.text.utf8))
        #expect(value?["a"] == .array([.null, .number(-3), .number(2.5)]))
        #expect(value?["b"]?.string == "\"\\\n\u{1}é😀")
        let spaced =
            " { \"t\" : true , \"f\":false,\t\"e\":{}, \"l\":[ ],\n\"u\":\"\\u00e9\\ud83d\\ude00\\/\", \"n\":1e-3 } "
        #expect(
            JSONReader.read(Array(spaced.utf8))
                == .object([
                    "t": .boolean(true), "f": .boolean(false), "e": .object([:]), "l": .array([]), "u": .string("é😀/"),
                    "n": .number(0.001),
                ])
        )
        let deep = String(repeating: "[", count: 10_000)
        for bad in [
            "", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "1 2", "nul", "\"\\u12", "\"\\ud800\"", "\"a", "--1", deep,
        ] {
            #expect(JSONReader.read(Array(bad.utf8)) == nil, "\(bad.prefix(20))")
        }
    }
}
