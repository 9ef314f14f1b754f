import Glibc

/// A file as it was read: its path, its bytes, and what tells whether it has changed since.
struct SourceFile: Sendable {
    /// Below the workers directory, for example `shop/cart.lua`.
    let path: String
    /// For messages and chunk names, for example `workers/shop/cart.lua`.
    let displayPath: String
    let bytes: [UInt8]
    let digest: Fingerprint
    let identity: FileIdentity
    /// False when the file changed so shortly before it was read that a further change could carry the same time stamps.
    let isSettled: Bool

    init(path: String, displayPath: String, bytes: [UInt8], identity: FileIdentity, isSettled: Bool) {
        self.path = path
        self.displayPath = displayPath
        self.bytes = bytes
        self.identity = identity
        self.isSettled = isSettled
        var hasher = FingerprintHasher()
        hasher.add(bytes)
        self.digest = hasher.finish()
    }
}

/// Equal for two looks at one path when the content in between stayed the same.
struct FileIdentity: Sendable, Hashable {
    let device: UInt64
    let inode: UInt64
    let size: Int
    let modifiedNanoseconds: Int
    /// The change time catches what keeps the modification time, such as `cp -p` over a file.
    let changedNanoseconds: Int

    init(_ status: stat) {
        self.device = UInt64(status.st_dev)
        self.inode = UInt64(status.st_ino)
        self.size = Int(status.st_size)
        self.modifiedNanoseconds = Self.nanoseconds(status.st_mtim)
        self.changedNanoseconds = Self.nanoseconds(status.st_ctim)
    }

    /// Whether the times can be trusted to tell a later change from this one. File times advance in steps of a kernel tick
    /// (1-10 ms); within one step a second change would go unseen.
    func isSettled(at now: timespec) -> Bool {
        Self.nanoseconds(now) - self.changedNanoseconds > 50_000_000
    }

    private static func nanoseconds(_ time: timespec) -> Int {
        Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }
}
