import CLMDB

/// What the puts of one commit may still add before the store reaches its maximum. An estimate from above: it counts
/// whole pages for a large value and nothing for what the same commit frees.
struct SpaceBudget {
    /// Pages that one commit copies besides those of its values: the path to each leaf, and LMDB's free list.
    private static let overheadPages = 32

    private let maximumBytes: Int
    private let pageBytes: Int
    private let path: String
    private var left: Int
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
        self.left = maximumBytes - (info.me_last_pgno + 1 + Self.overheadPages) * self.pageBytes
    }

    /// - Parameter freePages: counts the free pages; called at most once, when the file has reached the maximum.
    /// - Throws: `storeFull`.
    mutating func charge(_ byteCount: Int, freePages: () throws(KVError) -> Int) throws(KVError) {
        let cost = byteCount < self.pageBytes / 4 ? 2 * byteCount : byteCount + 2 * self.pageBytes
        if cost > self.left, !self.countsFreePages {
            self.countsFreePages = true
            self.left += try freePages() * self.pageBytes
        }
        guard cost <= self.left else {
            throw KVError(
                .storeFull,
                "the store in '\(self.path)' has reached its maximum of \(self.maximumBytes) bytes; delete entries "
                    + "or raise the maximum"
            )
        }
        self.left -= cost
    }
}
