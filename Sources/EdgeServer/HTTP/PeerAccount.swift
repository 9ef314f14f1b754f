import Synchronization

/// What one address holds of a listener, over all event loops.
final class PeerAccount: Sendable {
    /// Nil for a peer without an address, which shares its account with nobody.
    let address: PeerAddress?
    /// Changed under the lock of the ``ConnectionBudget`` only.
    let connections = Atomic(0)
    let inputBytes = Atomic(0)
    let outputBytes = Atomic(0)

    init(address: PeerAddress?) {
        self.address = address
    }
}
