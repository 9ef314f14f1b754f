import EdgeRuntime
import Histogram

/// What a load came to, as a table or as JSON.
struct LoadReport {
    let target: LoadTarget
    /// nil where the server was not started for the load.
    let worker: String?
    let result: LoadResult

    private var plan: LoadPlan { self.result.plan }
    private var recorder: LoadRecorder { self.result.recorder }

    /// One line.
    var json: String {
        let recorder = self.recorder
        var fields: [(String, JSONText)] = [
            ("benchmark", .string("http")), ("version", .string(RuntimeVersion.number)),
            ("lua", .string(RuntimeVersion.lua)), ("url", .string(self.target.url)),
            ("method", .string(self.target.method)), ("worker", self.worker.map(JSONText.string) ?? .null),
            ("connections", .integer(self.plan.connections)),
        ]
        if case .rate(let rate, let arrivals) = self.plan.pace {
            fields += [("rate", .thousandths(rate)), ("arrivals", .string(arrivals.rawValue))]
        } else {
            fields += [("rate", .null), ("arrivals", .null)]
        }
        fields += [
            ("warm_up_s", .thousandths(Double(self.plan.warmUp) / 1e9)), ("duration_s", .thousandths(recorder.seconds)),
            ("requests", self.requests),
            ("statuses", .object(recorder.statuses.map { ("\($0.status)", .integer($0.count)) })),
            ("throughput", self.throughput),
            ("latency_us", self.times { recorder.latency($0) }),
            ("service_us", self.times { recorder.service($0) }),
            ("timeline", .array(recorder.timeline.map(Self.second))),
            ("server", self.server),
            ("generator", self.generator),
        ]
        return JSONText.object(fields).text + "\n"
    }

    private var requests: JSONText {
        let recorder = self.recorder
        let failures = LoadRecorder.Failure.allCases.map { ($0.name, JSONText.integer(recorder.failures($0))) }
        return .object([
            ("due", .integer(recorder.answered + recorder.failed + recorder.unsent)),
            ("answered", .integer(recorder.answered)), ("unsent", .integer(recorder.unsent)),
            ("oldest_unsent_s", .thousandths(Double(recorder.oldestUnsent) / 1e9)),
            ("errors", .object(failures)), ("reconnects", .integer(recorder.reconnects)),
        ])
    }

    private var throughput: JSONText {
        let kinds = LoadRecorder.Kind.allCases.map { kind in
            ("\(kind.name)_per_s", JSONText.thousandths(self.perSecond(self.recorder.arrived(kind))))
        }
        return .object(kinds + [("bytes_per_s", .thousandths(self.perSecond(self.recorder.bytes)))])
    }

    private func times(_ histogram: (LoadRecorder.Kind) -> Histogram<UInt64>) -> JSONText {
        .object(LoadRecorder.Kind.allCases.map { ($0.name, Self.json(histogram($0))) })
    }

    private static func json(_ histogram: Histogram<UInt64>) -> JSONText {
        guard histogram.totalCount > 0 else { return .object([("n", .integer(0))]) }
        let percentiles = Self.percentiles.map { name, percentile in
            (name, JSONText.thousandths(Double(histogram.valueAtPercentile(percentile)) / 1000))
        }
        let extremes: [(String, JSONText)] = [
            ("min", .thousandths(Double(histogram.min) / 1000)),
            ("max", .thousandths(Double(histogram.maxRecorded) / 1000)),
            ("mean", .thousandths(histogram.mean / 1000)),
        ]
        return .object([("n", .integer(Int(histogram.totalCount)))] + percentiles + extremes)
    }

    /// Enough for a curve.
    private static let percentiles: [(String, Double)] = [
        ("p10", 10), ("p25", 25), ("p50", 50), ("p75", 75), ("p90", 90), ("p95", 95), ("p99", 99), ("p99_5", 99.5),
        ("p99_9", 99.9), ("p99_99", 99.99),
    ]

    private static func second(_ second: LoadRecorder.Second) -> JSONText {
        let answers = LoadRecorder.Kind.allCases.map { ($0.name, JSONText.integer(second.answers[$0.rawValue])) }
        return .object(
            answers + [("errors", .integer(second.failures)), ("rss_kib", .integer(second.residentKiB))]
        )
    }

    private var server: JSONText {
        guard let server = self.result.usage?.server else { return .null }
        return .object([
            ("pid", .integer(Int(server.pid))),
            ("cpu_us", .thousandths(Double(server.cpuNanoseconds) / 1000)),
            ("user_us", .integer(Int(server.userMicroseconds))),
            ("system_us", .integer(Int(server.systemMicroseconds))),
            ("cpu_us_per_answer", self.perAnswer(server.cpuNanoseconds).map(JSONText.thousandths) ?? .null),
            ("rss_start_kib", .integer(server.startKiB)), ("rss_end_kib", .integer(server.endKiB)),
            ("rss_peak_kib", .integer(server.peakKiB)), ("threads", .integer(server.threads)),
        ])
    }

    private var generator: JSONText {
        let cpu = Double(self.result.usage?.generatorNanoseconds ?? 0) / 1000
        return .object([("cpu_us", .thousandths(cpu)), ("lag_us", Self.json(self.recorder.lag))])
    }

    /// Answers of all kinds that arrived in the window.
    var arrived: Int { LoadRecorder.Kind.allCases.map(self.recorder.arrived).reduce(0, +) }

    func perSecond(_ count: Int) -> Double {
        self.recorder.seconds > 0 ? Double(count) / self.recorder.seconds : 0
    }

    /// In us.
    func perAnswer(_ nanoseconds: UInt64) -> Double? {
        self.arrived > 0 ? Double(nanoseconds) / Double(self.arrived) / 1000 : nil
    }
}

extension LoadRecorder.Kind {
    var name: String {
        switch self {
        case .ok: "ok"
        case .unavailable: "unavailable"
        case .other: "other"
        }
    }
}

extension LoadRecorder.Failure {
    var name: String {
        switch self {
        case .connect: "connect"
        case .closed: "closed"
        case .timeout: "timeout"
        case .malformed: "malformed"
        }
    }
}
