import Glibc

/// The stores this process has open. LMDB's file locks belong to the process, so that closing a second handle would
/// drop those of the first; a second handle is therefore refused.
enum OpenStores {
    struct Identity: Equatable {
        let device: UInt
        let inode: UInt
    }

    /// Reads in progress when a store has to be opened again end within this, in ns.
    private static let patience: UInt64 = 5_000_000_000

    private static let identities = Monitor<[Identity]>([])

    static func claim(_ path: String) throws(KVError) -> Identity {
        let identity = try Self.identity(path)
        let isFree = self.identities.withLock { identities in
            guard !identities.contains(identity) else {
                return false
            }
            identities.append(identity)
            return true
        }
        guard isFree else {
            throw KVError(.storeHeld, "this process has the store in '\(path)' open already; close it first")
        }
        return identity
    }

    static func release(_ identity: Identity) {
        self.identities.signalAll { $0.removeAll { $0 == identity } }
    }

    /// Waits until nobody in this process has the store open; false where that takes too long.
    static func waitForRelease(_ path: String) -> Bool {
        guard let identity = try? Self.identity(path) else {
            // Opening it will say why.
            return true
        }
        let deadline = MonotonicTime.now() + Self.patience
        return self.identities.wait(until: deadline) { $0.contains(identity) ? nil : true } ?? false
    }

    private static func identity(_ path: String) throws(KVError) -> Identity {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw SystemError.last("look at the data directory", path)
        }
        return Identity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
    }
}
