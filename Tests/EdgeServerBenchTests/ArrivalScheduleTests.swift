import Testing

@testable import EdgeServer

struct ArrivalScheduleTests {
    private static func arrivals(_ schedule: ArrivalSchedule, _ count: Int) -> [UInt64] {
        var schedule = schedule
        return (0..<count).map { _ in
            defer { schedule.advance() }
            return schedule.next
        }
    }

    @Test
    func uniformArrivalsDoNotDrift() {
        var schedule = ArrivalSchedule(rate: 3, arrivals: .uniform, seed: 1)
        #expect(Self.arrivals(schedule, 4) == [0, 333_333_333, 666_666_666, 1_000_000_000])
        for _ in 0..<3_000_000 { schedule.advance() }
        #expect(schedule.next == 1_000_000 * 1_000_000_000)
    }

    @Test
    func poissonArrivalsHaveTheRateAndItsSpread() {
        for seed in UInt64(1)...5 {
            let count = 100_000
            let times = Self.arrivals(ArrivalSchedule(rate: 1000, arrivals: .poisson, seed: seed), count)
            #expect(times == times.sorted(), "seed \(seed)")
            let gaps = zip(times.dropFirst(), times).map { Double($0 - $1) }
            let mean = gaps.reduce(0, +) / Double(gaps.count)
            #expect(abs(mean / 1_000_000 - 1) < 0.02, "seed \(seed): the mean gap is \(mean) ns")
            // Of exponential gaps a share of 1/e is longer than the mean.
            let long = Double(gaps.count { $0 > 1_000_000 }) / Double(gaps.count)
            #expect(abs(long - 0.3679) < 0.01, "seed \(seed): a share of \(long) is longer")
        }
    }

    @Test
    func aSeedDecidesPoissonArrivals() {
        let runs = [7, 7, 8].map { Self.arrivals(ArrivalSchedule(rate: 10, arrivals: .poisson, seed: $0), 50) }
        #expect(runs[0] == runs[1] && runs[1] != runs[2])
    }

    @Test
    func skippingCountsWhatWasDue() {
        var schedule = ArrivalSchedule(rate: 1000, arrivals: .uniform, seed: 1)
        #expect(schedule.skip(to: 0, countingFrom: 0) == 0)
        #expect(schedule.skip(to: 10_000_000, countingFrom: 4_000_000) == 6)
        #expect(schedule.next == 10_000_000)
        #expect(schedule.skip(to: 10_000_001, countingFrom: 0) == 1)
    }
}
