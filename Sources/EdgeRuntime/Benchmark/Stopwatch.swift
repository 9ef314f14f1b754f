import Glibc

/// The clock of the benchmark, read without the indirection of ``RuntimeClock``.
enum Stopwatch {
    /// Two readings, in ns.
    struct Interval {
        var start: UInt64
        var end: UInt64
    }

    @inline(__always)
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The median of what two readings in a row differ by, in ns: what every sample holds of the clock itself.
    static func cost() -> UInt64 {
        var differences = (0..<10_001).map { _ in
            let start = Self.now()
            return Self.now() - start
        }
        differences.sort()
        return differences[differences.count / 2]
    }
}
