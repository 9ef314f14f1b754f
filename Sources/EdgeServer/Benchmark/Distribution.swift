import Glibc
import Histogram

/// A histogram as bars of text: ten ranges from the minimum to the 99.9th percentile, each wider than the one before by
/// the same factor, and one for what lies above.
struct Distribution {
    private static let ranges = 10
    private static let barWidth = 50

    private struct Range {
        var lower: UInt64
        /// The last value of the range.
        var upper: UInt64
        var count: UInt64 = 0
    }

    private let total: UInt64
    private var ranges: [Range]

    /// - Parameter histogram: in ns.
    init(_ histogram: Histogram<UInt64>) {
        self.total = histogram.totalCount
        self.ranges = Self.ranges(from: histogram.min, to: histogram.valueAtPercentile(99.9), histogram.maxRecorded)
        for recorded in histogram.recordedValues() {
            // A value stands for all of its bucket, which may reach below the exact minimum or above the exact maximum.
            let index = self.ranges.firstIndex { recorded.value <= $0.upper } ?? self.ranges.count - 1
            self.ranges[index].count += recorded.count
        }
    }

    /// One line a range: its bounds in microseconds, its bar, its share of the samples.
    var lines: [String] {
        let largest = self.ranges.map(\.count).max() ?? 0
        guard largest > 0 else { return [] }
        return self.ranges.map { range in
            let bounds =
                MicrosecondText.padded(MicrosecondText.exact(range.lower), to: 12) + " -"
                + MicrosecondText.padded(MicrosecondText.exact(range.upper), to: 12)
            let filled = Int((range.count * UInt64(Self.barWidth) + largest - 1) / largest)
            let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: Self.barWidth - filled)
            let hundredths = (range.count * 10_000 + self.total / 2) / self.total
            let share = "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)%"
            return bounds + " |" + bar + "|" + MicrosecondText.padded(share, to: 8)
        }
    }

    private static func ranges(from minimum: UInt64, to high: UInt64, _ maximum: UInt64) -> [Range] {
        let start = Double(max(minimum, 1))
        let factor = pow(Double(max(high, 1)) / start, 1 / Double(Self.ranges))
        var ranges: [Range] = []
        var lower = minimum
        for index in 1...Self.ranges {
            let upper = index == Self.ranges ? high : UInt64(start * pow(factor, Double(index)))
            // Close to the resolution of a nanosecond some ranges are empty.
            guard upper >= lower else { continue }
            ranges.append(Range(lower: lower, upper: upper))
            lower = upper + 1
        }
        if maximum >= lower {
            ranges.append(Range(lower: lower, upper: maximum))
        }
        return ranges
    }
}
