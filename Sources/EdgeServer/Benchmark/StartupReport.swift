import EdgeRuntime
import Histogram

/// The samples of one benchmark of a worker's start, and how they are told.
struct StartupReport {
    let worker: String
    /// What a restore copies.
    let imageBytes: Int
    /// How many words of the image a relocation changes.
    let relocationCount: Int
    /// `GET /hello`
    let requestLine: String
    let clockNanoseconds: UInt64
    /// The status of the worker's answer.
    var status = 0
    private var histograms: [Histogram<UInt64>]

    init(worker: String, imageBytes: Int, relocationCount: Int, requestLine: String, clockNanoseconds: UInt64) {
        self.worker = worker
        self.imageBytes = imageBytes
        self.relocationCount = relocationCount
        self.requestLine = requestLine
        self.clockNanoseconds = clockNanoseconds
        // Exact to the nanosecond below 2 us, to a thousandth above.
        self.histograms = StartupMeasure.allCases.map { _ in Histogram(numberOfSignificantValueDigits: .three) }
    }

    /// Adds samples, in ns.
    mutating func record(_ measure: StartupMeasure, _ samples: [UInt64]) {
        let index = Self.index(measure)
        for sample in samples {
            self.histograms[index].record(sample)
        }
    }

    /// The histogram of a measure, in ns.
    func histogram(_ measure: StartupMeasure) -> Histogram<UInt64> {
        self.histograms[Self.index(measure)]
    }

    /// Those that have samples.
    private var measures: [StartupMeasure] {
        StartupMeasure.allCases.filter { self.histogram($0).totalCount > 0 }
    }

    /// One line of JSON. Times are microseconds; `p999` is the 99.9th percentile.
    var json: String {
        let measures = self.measures.map { measure in
            let summary = Summary(self.histogram(measure))
            let times = [
                ("p50", summary.p50), ("p99", summary.p99), ("p999", summary.p999), ("min", summary.min),
                ("max", summary.max),
            ]
            let fields = times.map { "\"\($0.0)\":\(MicrosecondText.exact($0.1))" } + ["\"n\":\(summary.count)"]
            return "\"\(measure.rawValue)_us\":{\(fields.joined(separator: ","))}"
        }
        // A worker's name has letters, digits, "_" and "-" only, and needs no escapes.
        let head = ["\"worker\":\"\(self.worker)\"", "\"image_bytes\":\(self.imageBytes)"]
        return "{\((head + measures).joined(separator: ","))}\n"
    }

    /// For people: what was measured, a table of the measures, and the distribution of each.
    var text: String {
        var lines = [
            "worker \(self.worker): an image of \(self.imageBytes) bytes with \(self.relocationCount) relocations",
            "",
            Self.row(["us", "p50", "p99", "p99.9", "min", "max", "n"]),
        ]
        for measure in self.measures {
            let summary = Summary(self.histogram(measure))
            let times = [summary.p50, summary.p99, summary.p999, summary.min, summary.max]
            lines.append(Self.row([measure.rawValue] + times.map(MicrosecondText.exact) + ["\(summary.count)"]))
        }
        lines += [
            "",
            "fresh:    a new Lua state, libraries, prelude and top level, without an image",
            "restore:  the image copied over the heap of a warm isolate",
            "relocate: the image on a new slot, mapping and page faults included",
            "ready:    the image on a slot that was kept ready: with memory",
            "disk:     as relocate, with the image read from its file and checked",
            "request:  \(self.requestLine) with restore, answered with \(self.status)",
            "Each time includes \(MicrosecondText.exact(self.clockNanoseconds)) us for the clock.",
        ]
        for measure in self.measures {
            lines += ["", "\(measure.rawValue) (us)"] + Distribution(self.histogram(measure)).lines
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ cells: [String]) -> String {
        let first = cells[0] + String(repeating: " ", count: max(0, 8 - cells[0].count))
        return first + cells.dropFirst().map { MicrosecondText.padded($0, to: 12) }.joined()
    }

    private static func index(_ measure: StartupMeasure) -> Int {
        switch measure {
        case .fresh: 0
        case .restore: 1
        case .relocate: 2
        case .ready: 3
        case .disk: 4
        case .request: 5
        }
    }

    /// What is told of a histogram, in ns: minimum and maximum are exact.
    private struct Summary {
        let p50: UInt64
        let p99: UInt64
        let p999: UInt64
        let min: UInt64
        let max: UInt64
        let count: UInt64

        init(_ histogram: Histogram<UInt64>) {
            self.p50 = histogram.valueAtPercentile(50)
            self.p99 = histogram.valueAtPercentile(99)
            self.p999 = histogram.valueAtPercentile(99.9)
            self.min = histogram.min
            self.max = histogram.maxRecorded
            self.count = histogram.totalCount
        }
    }
}
