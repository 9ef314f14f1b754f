/// What changed between two measurements of one figure.
struct BenchmarkComparison: Equatable {
    enum Verdict: String {
        case better
        case worse
        /// The difference is within what the rounds differ among themselves.
        case same
        /// Too few rounds to know the noise.
        case unknown
    }

    let before: BenchmarkFigure
    let after: BenchmarkFigure

    /// Fewer tell nothing of the noise.
    private static let minimumRounds = 3
    /// Below it no difference counts, however quiet the rounds.
    private static let minimumShare = 0.02

    /// Of the medians: 0.1 for a tenth more.
    var change: Double {
        let (before, after) = (self.before.median, self.after.median)
        return before == after ? 0 : (after - before) / abs(before)
    }

    /// The difference of medians that chance explains: three standard errors, from the quartiles, so that one disturbed round
    /// does not widen it.
    var noise: Double? {
        let errors = [self.before, self.after].map { figure -> Double? in
            guard figure.values.count >= Self.minimumRounds else { return nil }
            let median = figure.median
            let deviations = BenchmarkFigure(
                name: figure.name,
                unit: figure.unit,
                better: figure.better,
                values: figure.values.map { abs($0 - median) }
            )
            // 1.4826 makes a standard deviation of the median deviation, 1.2533 the median's error of the mean's.
            return 1.4826 * 1.2533 * deviations.median / Double(figure.values.count).squareRoot()
        }
        guard let before = errors[0], let after = errors[1] else { return nil }
        return 3 * (before * before + after * after).squareRoot()
    }

    var verdict: Verdict {
        guard let noise = self.noise else { return .unknown }
        let difference = self.after.median - self.before.median
        guard abs(difference) > max(noise, Self.minimumShare * abs(self.before.median)) else { return .same }
        return (difference < 0) == (self.before.better == .lower) ? .better : .worse
    }
}
