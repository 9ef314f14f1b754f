/// How many samples ``StartupBenchmark`` takes. The measures take turns in every round, so that drift of the machine
/// meets all of them.
public struct StartupPlan: Sendable, Equatable {
    /// Rounds whose samples are dropped.
    public var warmUpRounds: Int
    public var rounds: Int
    /// Samples of `fresh`, of `relocate` and of `disk` in a round: operations of tens of microseconds.
    public var slowSamples: Int
    /// Samples of `restore` and of `request` in a round.
    public var fastSamples: Int
    /// When to stop short of the planned samples, for workers that take milliseconds; the warm-up has a tenth of it besides.
    /// In the first round each measure still gets one sample.
    public var maximumNanoseconds: UInt64

    public init(
        warmUpRounds: Int,
        rounds: Int,
        slowSamples: Int,
        fastSamples: Int,
        maximumNanoseconds: UInt64
    ) {
        precondition(warmUpRounds >= 0 && rounds > 0 && slowSamples > 0 && fastSamples > 0)
        self.warmUpRounds = warmUpRounds
        self.rounds = rounds
        self.slowSamples = slowSamples
        self.fastSamples = fastSamples
        self.maximumNanoseconds = maximumNanoseconds
    }

    /// 2,500 samples of `fresh`, `relocate` and `disk`, 30,000 of `restore` and `request`, in ten seconds at most.
    public static let standard = StartupPlan(
        warmUpRounds: 5,
        rounds: 100,
        slowSamples: 25,
        fastSamples: 300,
        maximumNanoseconds: 10_000_000_000
    )
}
