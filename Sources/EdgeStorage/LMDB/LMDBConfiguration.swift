/// How an `LMDBStore` is opened.
public struct LMDBConfiguration: Sendable {
    public enum Role: Sendable {
        /// The one server of a data directory; a second one is refused. Sweeps expired entries by itself.
        case server
        /// A command line tool; may have the store open beside a server and other tools.
        case tool
    }

    /// The data directory; made with mode 0700 where it is missing.
    public var path: String
    public var role: Role
    /// Disk space in bytes that puts may fill, 1 MiB to 256 GiB. Fragmentation can make the file itself larger.
    public var maximumBytes = 64 * 1024 * 1024 * 1024
    /// Writes that wait or are being committed; more get `overloaded`.
    public var maximumQueuedWrites = 16_384
    /// Bytes that those writes hold, at least 64 MiB: one write of two values of the largest size must fit.
    public var maximumQueuedBytes = 128 * 1024 * 1024
    /// Writes of one commit.
    public var maximumGroup = 4096
    public var clock: KVClock = KVClocks.system
    /// Called from the writer thread; must not wait.
    public var report: @Sendable (StoreNotice) -> Void = { _ in }
    /// The open lock file of a server that this one takes over from, nil to take the lock anew. Owned by the store from
    /// its opening on. One that is of another directory is closed.
    public var inheritedLock: Int32?
    /// The process id that the lock file names; nil for this process.
    public var lockHolder: Int32?

    public init(path: String, role: Role) {
        self.path = path
        self.role = role
    }

    func check() {
        precondition((1 << 20...256 << 30).contains(self.maximumBytes), "maximumBytes is 1 MiB to 256 GiB")
        precondition(self.maximumQueuedWrites > 0 && self.maximumGroup > 0, "the queue and a group hold a write")
        precondition(self.maximumQueuedBytes >= 64 << 20, "maximumQueuedBytes is at least 64 MiB")
    }
}
