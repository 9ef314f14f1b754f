import Glibc

/// The clocks of the runtime, injected so that tests can turn them by hand.
public struct RuntimeClock: Sendable {
    private struct Readers: Sendable {
        var unixMilliseconds: @Sendable () -> Int64
        var monotonicNanoseconds: @Sendable () -> UInt64
    }

    /// Nil for the system's clocks, which are read several times a request and so without a detour.
    private let readers: Readers?

    public init(
        unixMilliseconds: @escaping @Sendable () -> Int64,
        monotonicNanoseconds: @escaping @Sendable () -> UInt64
    ) {
        self.readers = Readers(unixMilliseconds: unixMilliseconds, monotonicNanoseconds: monotonicNanoseconds)
    }

    private init() {
        self.readers = nil
    }

    public static var system: RuntimeClock {
        RuntimeClock()
    }

    /// Wall clock in ms since 1970.
    public func unixMilliseconds() -> Int64 {
        guard let readers = self.readers else { return Int64(Self.read(CLOCK_REALTIME) / 1_000_000) }
        return readers.unixMilliseconds()
    }

    /// A clock that only grows, in ns; the guard compares it with the system's `CLOCK_MONOTONIC`.
    public func monotonicNanoseconds() -> UInt64 {
        guard let readers = self.readers else { return Self.read(CLOCK_MONOTONIC) }
        return readers.monotonicNanoseconds()
    }

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
