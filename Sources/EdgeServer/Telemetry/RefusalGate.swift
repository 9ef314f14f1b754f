import Glibc
import Synchronization

/// Lets one refused request a second have a line in the log, and counts the others: an overloaded server refuses thousands a
/// second, and to write of each would cost more than to refuse it.
final class RefusalGate: Sendable {
    private static let intervalNanoseconds: UInt64 = 1_000_000_000

    /// When the next line may be written. Two threads at once may both write one.
    private let nextLine = Atomic<UInt64>(0)
    private let untold = Atomic(0)

    /// How many refusals before this one had no line, where this one may have one; nil where it may not.
    ///
    /// - Parameter now: of the monotonic clock, in ns.
    func pass(now: UInt64) -> Int? {
        guard now >= self.nextLine.load(ordering: .relaxed) else {
            self.untold.add(1, ordering: .relaxed)
            return nil
        }
        self.nextLine.store(now + Self.intervalNanoseconds, ordering: .relaxed)
        return self.untold.exchange(0, ordering: .relaxed)
    }

    /// Of the monotonic clock, in ns.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
