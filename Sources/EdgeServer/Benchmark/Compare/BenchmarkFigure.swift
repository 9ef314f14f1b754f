/// One figure of a result file, with a value of each round.
struct BenchmarkFigure: Equatable {
    enum Better: String {
        case lower
        case higher
    }

    var name: String
    var unit: String
    var better: Better
    var values: [Double]

    /// Of the values; there is at least one.
    var median: Double {
        let ordered = self.values.sorted()
        let middle = ordered.count / 2
        return ordered.count % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2
    }

    /// The figures of a file of the bench suite, of `bench http` or of `bench startup`; nil where it is none of them.
    static func all(in result: JSONReader.Value) -> [BenchmarkFigure]? {
        if let figures = result["figures"]?.array { return figures.compactMap(Self.suite) }
        if result["benchmark"]?.string == "http" { return Self.http(result) }
        if result["fresh_us"] != nil { return Self.startup(result) }
        return nil
    }

    private static func suite(_ figure: JSONReader.Value) -> BenchmarkFigure? {
        guard let name = figure["name"]?.string, let better = figure["better"]?.string.flatMap(Better.init),
            let values = figure["values"]?.array?.compactMap(\.number), !values.isEmpty
        else { return nil }
        return BenchmarkFigure(name: name, unit: figure["unit"]?.string ?? "", better: better, values: values)
    }

    private static func http(_ result: JSONReader.Value) -> [BenchmarkFigure] {
        var figures: [BenchmarkFigure] = []
        // Each second is a round.
        let rates = result["timeline"]?.array?.compactMap { $0["ok"]?.number } ?? []
        if !rates.isEmpty {
            figures.append(BenchmarkFigure(name: "answers", unit: "1/s", better: .higher, values: rates))
        }
        for kind in ["ok", "unavailable"] {
            for percentile in ["p50", "p99"] {
                guard let value = result["latency_us"]?[kind]?[percentile]?.number else { continue }
                figures.append(
                    BenchmarkFigure(name: "\(kind) \(percentile)", unit: "us", better: .lower, values: [value])
                )
            }
        }
        if let cpu = result["server"]?["cpu_us_per_answer"]?.number {
            figures.append(BenchmarkFigure(name: "server CPU an answer", unit: "us", better: .lower, values: [cpu]))
        }
        return figures
    }

    private static func startup(_ result: JSONReader.Value) -> [BenchmarkFigure] {
        ["fresh", "restore", "relocate", "request"].flatMap { measure in
            ["p50", "p99"].compactMap { percentile in
                result["\(measure)_us"]?[percentile]?.number.map {
                    BenchmarkFigure(name: "\(measure) \(percentile)", unit: "us", better: .lower, values: [$0])
                }
            }
        }
    }
}
