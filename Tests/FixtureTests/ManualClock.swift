import EdgeRuntime
import EdgeStorage
import Synchronization

/// A clock that can be turned forward.
///
/// The guard compares wall deadlines with the system's clock, so this one is never behind it.
final class ManualClock: Sendable {
    enum Mode: Sendable {
        /// Stands still between turns, an hour ahead: the guard ends no guest for its wall time.
        case still
        /// Goes on with the system's clock.
        case going
    }

    private let mode: Mode
    private let start: UInt64
    private let turned = Mutex<UInt64>(0)
    private static let hour: UInt64 = 3600 * 1_000_000_000

    init(_ mode: Mode) {
        self.mode = mode
        self.start = RuntimeClock.system.monotonicNanoseconds()
    }

    var nanoseconds: UInt64 {
        let turned = self.turned.withLock { $0 }
        switch self.mode {
        case .still: return self.start + Self.hour + turned
        case .going: return RuntimeClock.system.monotonicNanoseconds() + turned
        }
    }

    /// Unix time of 2024-01-01 at the start.
    var unixMilliseconds: Int64 {
        1_704_067_200_000 + Int64((self.nanoseconds - self.start) / 1_000_000)
    }

    func advance(milliseconds: UInt64) {
        self.turned.withLock { $0 += milliseconds * 1_000_000 }
    }

    /// Turns to a moment, unless it is past.
    func advance(to moment: UInt64) {
        let now = self.nanoseconds
        guard moment > now else { return }
        self.turned.withLock { $0 += moment - now }
    }

    var runtimeClock: RuntimeClock {
        RuntimeClock(
            unixMilliseconds: { self.unixMilliseconds },
            monotonicNanoseconds: { self.nanoseconds }
        )
    }

    var storeClock: KVClock {
        { self.unixMilliseconds }
    }
}
