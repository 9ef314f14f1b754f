import NIOCore

/// How slowly bytes may move: a bucket of time that begins full. Time empties it, and bytes fill it again, each by what
/// it takes at the minimum rate, up to full. A value without a clock: time comes from outside.
struct RateFloor {
    struct Terms: Equatable {
        /// At least 1.
        var bytesPerSecond: Int
        /// How long a full bucket lasts without any byte.
        var reserve: TimeAmount
    }

    private var terms: Terms
    /// When the bucket is empty.
    private(set) var deadline: NIODeadline

    init(_ terms: Terms, now: NIODeadline) {
        precondition(terms.bytesPerSecond > 0, "a minimum rate is at least one byte a second")
        self.terms = terms
        self.deadline = now + terms.reserve
    }

    /// Whether the bucket is empty.
    func isBroken(now: NIODeadline) -> Bool {
        now >= self.deadline
    }

    /// Fills in for bytes that moved.
    mutating func moved(_ bytes: Int, now: NIODeadline) {
        guard bytes > 0 else { return }
        let full = now + self.terms.reserve
        // A gigabyte fills any bucket, and its nanoseconds fit into an Int64.
        let worth = Int64(min(bytes, 1 << 30)) * 1_000_000_000 / Int64(self.terms.bytesPerSecond)
        self.deadline = min(self.deadline + .nanoseconds(worth), full)
    }

    /// Goes on under other terms: a smaller bucket holds less at once, a larger one is filled by bytes.
    mutating func apply(_ terms: Terms, now: NIODeadline) {
        guard terms != self.terms else { return }
        self.terms = terms
        self.deadline = min(self.deadline, now + terms.reserve)
    }
}
