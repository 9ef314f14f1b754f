import CLMDB

/// What the puts of one commit may still add before the store reaches its maximum or the disk is full. An estimate from
/// above: it counts whole pages for a large value and nothing for what the same commit frees.
struct SpaceBudget {
    /// Pages that one commit copies besides those of its values: the path to each leaf, and LMDB's free list.
    private static let overheadPages = 32

    private let maximumBytes: Int
    private let pageBytes: Int
    private let path: String
    private var left: Int
    private var room: DiskRoom
    private var countsFreePages = false

    init(_ environment: Environment, maximumBytes: Int) throws(KVError) {
        var info = MDB_envinfo()
        var status = MDB_stat()
        let codes = [mdb_env_info(environment.handle, &info), mdb_env_stat(environment.handle, &status)]
        if let code = codes.first(where: { $0 != MDB_SUCCESS }) {
            throw LMDBError.make(code, "measure", path: environment.path)
        }
        self.maximumBytes = maximumBytes
        self.path = environment.path
        self.pageBytes = Int(status.ms_psize)
        let usedBytes = (info.me_last_pgno + 1) * self.pageBytes
        self.left = maximumBytes - usedBytes - Self.overheadPages * self.pageBytes
        self.room = DiskRoom(file: environment.file, usedBytes: usedBytes, maximumBytes: maximumBytes)
    }

    /// - Parameter freePages: counts the free pages; called at most once, when there is no other room.
    /// - Throws: `storeFull`.
    mutating func charge(_ byteCount: Int, freePages: () throws(KVError) -> Int) throws(KVError) {
        let cost = byteCount < self.pageBytes / 4 ? 2 * byteCount : byteCount + 2 * self.pageBytes
        if cost > self.left || !self.room.take(cost) {
            if !self.countsFreePages {
                self.countsFreePages = true
                let freeBytes = try freePages() * self.pageBytes
                self.left += freeBytes
                self.room.reuse(freeBytes)
            }
            guard cost <= self.left else {
                throw KVError(
                    .storeFull,
                    "the store in '\(self.path)' has reached its maximum of \(self.maximumBytes) bytes; delete entries "
                        + "or raise the maximum"
                )
            }
            guard self.room.take(cost) else {
                throw LMDBError.diskFull("write to", path: self.path)
            }
        }
        self.left -= cost
    }
}
