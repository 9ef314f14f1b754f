import Glibc
import Synchronization

/// The stores this process has open. LMDB's file locks belong to the process, so that closing a second handle would
/// drop those of the first; a second handle is therefore refused.
enum OpenStores {
    struct Identity: Hashable {
        let device: UInt
        let inode: UInt
    }

    private static let identities = Mutex<Set<Identity>>([])

    static func claim(_ path: String) throws(KVError) -> Identity {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw SystemError.last("look at the data directory", path)
        }
        let identity = Identity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
        guard self.identities.withLock({ $0.insert(identity).inserted }) else {
            throw KVError(.storeHeld, "this process has the store in '\(path)' open already; close it first")
        }
        return identity
    }

    static func release(_ identity: Identity) {
        self.identities.withLock { _ = $0.remove(identity) }
    }
}
