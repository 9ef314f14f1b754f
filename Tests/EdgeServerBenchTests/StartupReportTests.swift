import EdgeRuntime
import Histogram
import Testing

@testable import EdgeServer

struct StartupReportTests {
    private static func report() -> StartupReport {
        StartupReport(worker: "w", imageBytes: 7, relocationCount: 3, requestLine: "GET /w", clockNanoseconds: 25)
    }

    @Test
    func percentilesAreThoseOfTheSamples() {
        var report = Self.report()
        for measure in StartupMeasure.allCases { report.record(measure, [4]) }
        report.record(.restore, (1...1000).filter { $0 != 4 }.reversed())
        #expect(
            report.json.contains(
                "\"restore_us\":{\"p50\":0.500,\"p99\":0.990,\"p999\":0.999,\"min\":0.001,\"max\":1.000,\"n\":1000}"
            )
        )
        #expect(report.json.contains("\"fresh_us\":{\"p50\":0.004,"))
    }

    @Test
    func extremesAreExact() {
        var report = Self.report()
        for measure in StartupMeasure.allCases { report.record(measure, [1_234_567, 98_765_432_109]) }
        #expect(report.json.contains("\"min\":1234.567,\"max\":98765432.109,\"n\":2}"))
    }

    @Test
    func textNamesTheImage() {
        var report = Self.report()
        for measure in StartupMeasure.allCases { report.record(measure, [1]) }
        #expect(report.text.hasPrefix("worker w: an image of 7 bytes with 3 relocations\n"))
        #expect(report.text.contains("includes 0.025 us for the clock"))
    }

    @Test
    func microsecondsHaveThreeDigits() {
        #expect(
            [0, 7, 80, 1005, 2_000_000].map { MicrosecondText.exact($0) } == [
                "0.000", "0.007", "0.080", "1.005", "2000.000",
            ]
        )
    }

    /// The lines' shares in hundredths of a percent.
    private static func shares(_ lines: [String]) -> [Int] {
        lines.map { line in
            Int(line.split(separator: "|").last?.filter { $0.isNumber } ?? "") ?? -1
        }
    }

    @Test(arguments: [
        [5], [0], [0, 0, 1], [7, 7, 8], Array(1...40), [1, 1_000_000_007], [3000, 3001, 3002, 5_000_001],
    ])
    func distributionHoldsEverySample(_ samples: [UInt64]) {
        var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        for sample in samples { histogram.record(sample) }
        let lines = Distribution(histogram).lines
        let shares = Self.shares(lines)
        #expect((1...11).contains(lines.count))
        #expect(!shares.contains(-1))
        // Each line is rounded by itself.
        #expect(abs(shares.reduce(0, +) - 10_000) <= lines.count)
        #expect(lines.contains { $0.contains("|" + String(repeating: "#", count: 50) + "|") })
    }

    @Test
    func distributionOfNothingIsEmpty() {
        #expect(Distribution(Histogram<UInt64>(numberOfSignificantValueDigits: .three)).lines.isEmpty)
    }
}
