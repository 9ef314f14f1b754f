import Glibc

/// When the requests of an open loop are due, whatever became of the earlier ones.
///
/// It is also the queue of the generator: what is due and not yet sent is what ``next`` has not passed, so that a backlog of any
/// length takes no memory.
struct ArrivalSchedule {
    enum Arrivals: String, Sendable, CaseIterable {
        /// At equal distances.
        case uniform
        /// Independent of each other, as those of many clients are; bursts included.
        case poisson
    }

    /// When the next request is due, in ns since the start.
    private(set) var next: UInt64 = 0

    private let arrivals: Arrivals
    /// Between two arrivals, in ns; the mean of Poisson arrivals.
    private let interval: Double
    /// Exact enough: a Double counts nanoseconds without loss for 104 days.
    private var time = 0.0
    private var count = 0.0
    private var random: SplitMix

    /// - Parameter rate: requests a second.
    init(rate: Double, arrivals: Arrivals, seed: UInt64) {
        precondition(rate > 0 && rate.isFinite, "a schedule needs a rate")
        self.arrivals = arrivals
        self.interval = 1e9 / rate
        self.random = SplitMix(seed: seed)
    }

    /// Goes on to the arrival after ``next``.
    mutating func advance() {
        switch self.arrivals {
        case .uniform:
            // A product, not a sum: rounding errors would add up to a drift.
            self.count += 1
            self.time = self.count * self.interval
        case .poisson:
            // 1 - u lies in (0, 1]: the logarithm is finite.
            self.time += -log(1 - Double.random(in: 0..<1, using: &self.random)) * self.interval
        }
        self.next = UInt64(self.time)
    }

    /// Goes on to the first arrival at `time` or later and returns how many it passed from `start` on.
    mutating func skip(to time: UInt64, countingFrom start: UInt64) -> Int {
        var passed = 0
        while self.next < time {
            if self.next >= start { passed += 1 }
            self.advance()
        }
        return passed
    }
}

/// The SplitMix64 generator: small, and the same everywhere for one seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
