import Glibc

/// The clocks of the runtime, injected so that tests can turn them by hand.
public struct RuntimeClock: Sendable {
    /// Wall clock in ms since 1970.
    public var unixMilliseconds: @Sendable () -> Int64
    /// A clock that only grows, in ns; the guard compares it with the system's `CLOCK_MONOTONIC`.
    public var monotonicNanoseconds: @Sendable () -> UInt64

    public init(
        unixMilliseconds: @escaping @Sendable () -> Int64,
        monotonicNanoseconds: @escaping @Sendable () -> UInt64
    ) {
        self.unixMilliseconds = unixMilliseconds
        self.monotonicNanoseconds = monotonicNanoseconds
    }

    public static let system = RuntimeClock(
        unixMilliseconds: { Int64(Self.read(CLOCK_REALTIME) / 1_000_000) },
        monotonicNanoseconds: { Self.read(CLOCK_MONOTONIC) }
    )

    /// CPU time of the calling thread, in ns.
    static func threadCPUNanoseconds() -> UInt64 {
        Self.read(CLOCK_THREAD_CPUTIME_ID)
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
