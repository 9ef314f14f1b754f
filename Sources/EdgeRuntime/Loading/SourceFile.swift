import Glibc
import Synchronization

/// A file as it was read, or as it was known to be without reading it: its path, its content, and what tells whether it has changed
/// since.
struct SourceFile: Sendable {
    /// Below the workers directory, for example `shop/cart.lua`.
    let path: String
    /// For messages and chunk names, for example `workers/shop/cart.lua`.
    let displayPath: String
    let digest: Fingerprint
    let identity: FileIdentity
    /// False when the file changed so shortly before it was read that a further change could carry the same time stamps.
    let isSettled: Bool
    private let content: Content

    init(path: String, displayPath: String, bytes: [UInt8], identity: FileIdentity, isSettled: Bool) {
        self.path = path
        self.displayPath = displayPath
        self.identity = identity
        self.isSettled = isSettled
        self.digest = Self.digest(bytes)
        self.content = Content(bytes)
    }

    /// A file that has not changed since another process read it.
    init(unread path: String, displayPath: String, location: String, identity: FileIdentity, digest: Fingerprint) {
        self.path = path
        self.displayPath = displayPath
        self.identity = identity
        self.isSettled = true
        self.digest = digest
        self.content = Content(at: location)
    }

    /// The content, read now if it has not been; nil where it is another one, or gone, by now.
    var bytes: [UInt8]? {
        self.content.bytes(size: self.identity.size, digest: self.digest)
    }

    fileprivate static func digest(_ bytes: [UInt8]) -> Fingerprint {
        var hasher = FingerprintHasher()
        hasher.add(bytes)
        return hasher.finish()
    }
}

/// The bytes of a file, shared by all copies of its ``SourceFile``.
private final class Content: Sendable {
    private let bytes: Mutex<[UInt8]?>
    private let location: String

    init(_ bytes: [UInt8]) {
        self.bytes = Mutex(bytes)
        self.location = ""
    }

    init(at location: String) {
        self.bytes = Mutex(nil)
        self.location = location
    }

    func bytes(size: Int, digest: Fingerprint) -> [UInt8]? {
        self.bytes.withLock { known in
            if known == nil, let read = try? FileSystem.read(self.location, maximum: size).bytes,
                SourceFile.digest(read) == digest
            {
                known = read
            }
            return known
        }
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
        self.init(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            size: Int(status.st_size),
            modifiedNanoseconds: Self.nanoseconds(status.st_mtim),
            changedNanoseconds: Self.nanoseconds(status.st_ctim)
        )
    }

    init(device: UInt64, inode: UInt64, size: Int, modifiedNanoseconds: Int, changedNanoseconds: Int) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modifiedNanoseconds = modifiedNanoseconds
        self.changedNanoseconds = changedNanoseconds
    }

    /// Whether the times can be trusted to tell a later change from this one. File times advance in steps of a kernel tick
    /// (1-10 ms); within one step a second change would go unseen.
    func isSettled(at now: timespec) -> Bool {
        Self.nanoseconds(now) - self.changedNanoseconds > 50_000_000
    }

    var isSettledNow: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return self.isSettled(at: now)
    }

    private static func nanoseconds(_ time: timespec) -> Int {
        Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }
}
