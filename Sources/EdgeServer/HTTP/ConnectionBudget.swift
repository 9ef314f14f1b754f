import Synchronization

/// Counts the connections of a listener over all its event loops, in all and by address.
final class ConnectionBudget: Sendable {
    enum Verdict: Equatable {
        case serve
        /// Too many: answer 503 with this error and close.
        case refuse(HTTPRequestError.Code)
        /// Far too many: close without an answer.
        case drop
    }

    /// Refused connections that may linger until they have read their answer, in all.
    static let surplus = 256
    /// The same for one address.
    static let surplusPerAddress = 32

    private let maximum: Int
    private let maximumPerAddress: Int
    private let count = Atomic(0)
    /// By the keys of addresses; as many entries as addresses have connections open.
    private let accounts = Mutex<[Int: PeerAccount]>([:])

    init(maximum: Int, maximumPerAddress: Int) {
        precondition(maximum > 0 && maximumPerAddress > 0, "a listener serves at least one connection")
        self.maximum = maximum
        self.maximumPerAddress = maximumPerAddress
    }

    /// Whether more than nine tenths of all connections are open.
    var isPressed: Bool {
        self.count.load(ordering: .relaxed) > self.maximum - self.maximum / 10
    }

    /// Counts one more connection, whatever the verdict; ``leave(_:)`` must follow when it closes.
    func enter(_ address: PeerAddress?) -> (verdict: Verdict, account: PeerAccount) {
        let count = self.count.add(1, ordering: .relaxed).newValue
        let account = self.account(of: address)
        let own = account.connections.load(ordering: .relaxed)
        if count <= self.maximum, own <= self.maximumPerAddress { return (.serve, account) }
        guard count <= self.maximum + Self.surplus, own <= self.maximumPerAddress + Self.surplusPerAddress else {
            return (.drop, account)
        }
        return (.refuse(count <= self.maximum ? .addressOverloaded : .overloaded), account)
    }

    func leave(_ account: PeerAccount) {
        let count = self.count.subtract(1, ordering: .relaxed).newValue
        assert(count >= 0, "a connection left twice")
        guard let address = account.address else { return }
        self.accounts.withLock { accounts in
            let own = account.connections.subtract(1, ordering: .relaxed).newValue
            if own == 0 { accounts[address.key] = nil }
        }
    }

    /// The account of an address, with one more connection in it.
    private func account(of address: PeerAddress?) -> PeerAccount {
        guard let address else { return PeerAccount(address: nil) }
        return self.accounts.withLock { accounts in
            let account = accounts[address.key] ?? PeerAccount(address: address)
            if account.connections.add(1, ordering: .relaxed).newValue == 1 { accounts[address.key] = account }
            return account
        }
    }

    /// Addresses that have a connection open.
    var addressCount: Int {
        self.accounts.withLock { $0.count }
    }
}
