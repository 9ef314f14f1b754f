/// `edgehost bench compare`
public enum BenchmarkCompareCommand {
    private static let maximumBytes = 64 << 20

    /// Writes what changed from one result file to another; returns whether nothing got worse.
    public static func run(_ before: String, _ after: String, write: (String) -> Void) throws -> Bool {
        let (old, new) = (try Self.figures(of: before), try Self.figures(of: after))
        let comparisons = old.compactMap { figure in
            new.first { $0.name == figure.name && $0.better == figure.better }
                .map { BenchmarkComparison(before: figure, after: $0) }
        }
        guard !comparisons.isEmpty else {
            throw LoadError("\(before) and \(after) have no figure in common: compare results of the same part")
        }
        let missing = old.filter { figure in !new.contains { $0.name == figure.name } }.map(\.name)
        write(Self.text(comparisons, missing: missing))
        return !comparisons.contains { $0.verdict == .worse }
    }

    private static func figures(of path: String) throws(LoadError) -> [BenchmarkFigure] {
        guard let bytes = readWholeFile(path, limit: Self.maximumBytes) else {
            throw LoadError("\(path) can't be read")
        }
        guard let value = JSONReader.read(bytes), let figures = BenchmarkFigure.all(in: value) else {
            throw LoadError("\(path) holds no result of bench/run, of bench http --json or of bench startup --json")
        }
        return figures
    }

    static func text(_ comparisons: [BenchmarkComparison], missing: [String]) -> String {
        let name = max(6, comparisons.map { $0.before.name.count }.max() ?? 0)
        func row(_ cells: [String]) -> String {
            let first = cells[0] + String(repeating: " ", count: name - cells[0].count)
            return first + cells.dropFirst().map { MicrosecondText.padded($0, to: 12) }.joined()
        }
        var lines = [row(["figure", "before", "after", "unit", "change", "noise", ""])]
        lines += comparisons.map { comparison in
            let noise = comparison.noise.map { "+-" + Self.percent($0 / abs(comparison.before.median), sign: false) }
            return row([
                comparison.before.name, Self.decimal(comparison.before.median), Self.decimal(comparison.after.median),
                comparison.before.unit, Self.percent(comparison.change, sign: true), noise ?? "-",
                comparison.verdict.rawValue,
            ])
        }
        lines += missing.map { "\($0): only in the first" }
        if comparisons.contains(where: { $0.verdict == .unknown }) {
            lines += ["", "unknown: fewer than 3 rounds tell nothing of the noise."]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func decimal(_ number: Double) -> String {
        JSONText.thousandths(number).text
    }

    private static func percent(_ share: Double, sign: Bool) -> String {
        guard share.isFinite else { return "-" }
        let tenths = Int((abs(share) * 1000).rounded())
        return (sign ? (share < 0 ? "-" : "+") : "") + "\(tenths / 10).\(tenths % 10)%"
    }
}
