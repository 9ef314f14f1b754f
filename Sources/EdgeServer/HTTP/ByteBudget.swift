import Synchronization

/// The bytes that the connections of a listener may hold together in one direction, and the share one address may hold
/// of them. What one holder has taken is a ``ByteCharge``.
///
/// A holder looks whether there is room before it takes more, not how much: the last one may go beyond the maximum.
final class ByteBudget: Sendable {
    enum Direction {
        case input
        case output
    }

    private let direction: Direction
    private let maximum: Int
    private let share: Int
    private let held = Atomic(0)

    /// - Parameters:
    ///   - largest: what one holder must be able to hold, in bytes. An address may hold that, and a quarter of the
    ///     budget, so that it takes several to use it up.
    init(_ direction: Direction, maximum: Int, largest: Int) {
        precondition(maximum >= largest && largest > 0, "a budget has room for one holder")
        self.direction = direction
        self.maximum = maximum
        self.share = max(maximum / 4, largest)
    }

    /// Whether more than half is in use.
    var isPressed: Bool {
        self.heldBytes > self.maximum / 2
    }

    var heldBytes: Int {
        self.held.load(ordering: .relaxed)
    }

    /// Whether nobody else, or nobody else of this address, should begin to hold bytes.
    fileprivate func isFull(for account: PeerAccount) -> Bool {
        self.heldBytes >= self.maximum || self.counter(of: account) >= self.share
    }

    fileprivate func isExceeded(by account: PeerAccount) -> Bool {
        self.heldBytes > self.maximum || self.counter(of: account) > self.share
    }

    fileprivate func add(_ bytes: Int, of account: PeerAccount) {
        self.held.add(bytes, ordering: .relaxed)
        switch self.direction {
        case .input: account.inputBytes.add(bytes, ordering: .relaxed)
        case .output: account.outputBytes.add(bytes, ordering: .relaxed)
        }
    }

    private func counter(of account: PeerAccount) -> Int {
        switch self.direction {
        case .input: account.inputBytes.load(ordering: .relaxed)
        case .output: account.outputBytes.load(ordering: .relaxed)
        }
    }
}

/// What one holder has taken of a budget; goes back when the charge ends.
struct ByteCharge: ~Copyable {
    private let budget: ByteBudget
    private let account: PeerAccount
    private(set) var bytes = 0

    init(_ budget: ByteBudget, account: PeerAccount) {
        self.budget = budget
        self.account = account
    }

    deinit {
        if self.bytes > 0 { self.budget.add(-self.bytes, of: self.account) }
    }

    /// Whether nobody should begin to hold more.
    var isFull: Bool {
        self.budget.isFull(for: self.account)
    }

    /// Whether what is held is too much.
    var isExceeded: Bool {
        self.budget.isExceeded(by: self.account)
    }

    /// Holds `count` bytes from now on, room or not.
    mutating func hold(_ count: Int) {
        precondition(count >= 0, "nobody holds less than nothing")
        guard count != self.bytes else { return }
        self.budget.add(count - self.bytes, of: self.account)
        self.bytes = count
    }

    /// Moves what is held to a new holder.
    mutating func split() -> ByteCharge {
        var other = ByteCharge(self.budget, account: self.account)
        other.bytes = self.bytes
        self.bytes = 0
        return other
    }
}
