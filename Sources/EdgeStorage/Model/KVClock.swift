import Glibc

/// The time in Unix ms. Injected, so that tests can turn it by hand.
public typealias KVClock = @Sendable () -> Int64

public enum KVClocks {
    public static let system: KVClock = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
