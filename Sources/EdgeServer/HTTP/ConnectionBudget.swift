import Synchronization

/// Counts the connections of a listener over all its event loops.
final class ConnectionBudget: Sendable {
    enum Verdict: Equatable {
        case serve
        /// Too many: answer 503 and close.
        case refuse
        /// Far too many: close without an answer.
        case drop
    }

    /// Refused connections that may linger until they have read their answer.
    static let surplus = 256

    private let maximum: Int
    private let count = Atomic(0)

    init(maximum: Int) {
        precondition(maximum > 0, "a listener serves at least one connection")
        self.maximum = maximum
    }

    /// Counts one more connection, whatever the verdict; ``leave()`` must follow when it closes.
    func enter() -> Verdict {
        let count = self.count.add(1, ordering: .relaxed).newValue
        if count <= self.maximum { return .serve }
        return count <= self.maximum + Self.surplus ? .refuse : .drop
    }

    func leave() {
        let count = self.count.subtract(1, ordering: .relaxed).newValue
        assert(count >= 0, "a connection left twice")
    }
}
