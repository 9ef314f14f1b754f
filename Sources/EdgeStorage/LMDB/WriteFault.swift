/// Whether writes are refused because the disk failed a commit. After such a failure nobody knows what the disk holds of
/// the pages it did not take, so a write is accepted again only after commits that wrote both of LMDB's meta pages anew.
/// The time comes from outside, in ns of `MonotonicTime`.
struct WriteFault {
    /// Writes between two attempts are refused at once: a failing disk can take seconds to say so.
    static let retryInterval: UInt64 = 250_000_000

    private(set) var error: KVError?
    private var retryTime: UInt64 = 0

    /// Whether it is time to try the disk again.
    func isDue(now: UInt64) -> Bool {
        self.error != nil && now >= self.retryTime
    }

    /// Why a write is refused now, nil where it is not.
    var refusal: KVError? {
        self.error.map { error in
            KVError(error.code, "\(error.message); writes are refused until the disk works again")
        }
    }

    mutating func fail(_ error: KVError, now: UInt64) {
        self.error = error
        self.retryTime = now + Self.retryInterval
    }

    mutating func clear() {
        self.error = nil
    }
}
