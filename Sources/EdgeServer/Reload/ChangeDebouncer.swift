/// Joins the events of one save, or of one `git checkout`, into one notification: when nothing has happened for `settle`, but
/// no later than `maximum` after the first event.
///
/// Pure: times are nanoseconds of any clock that does not go back, passed in.
struct ChangeDebouncer {
    let settle: UInt64
    let maximum: UInt64
    private var first: UInt64?
    private var last: UInt64 = 0

    init(settle: UInt64 = 30_000_000, maximum: UInt64 = 300_000_000) {
        precondition(settle <= maximum)
        self.settle = settle
        self.maximum = maximum
    }

    /// When to notify; nil while nothing has happened.
    var deadline: UInt64? {
        self.first.map { min(self.last + self.settle, $0 + self.maximum) }
    }

    mutating func noteChange(at now: UInt64) {
        if self.first == nil { self.first = now }
        self.last = now
    }

    /// Whether to notify now. Answers true once; the next change begins anew.
    mutating func fire(at now: UInt64) -> Bool {
        guard let deadline = self.deadline, now >= deadline else { return false }
        self.first = nil
        return true
    }
}
