import CLMDB

/// Gives the records of a store of format 1 the checks of format 2, a batch in a commit. The store is marked as half
/// done, so that the server that opens it next goes on where this one ended.
struct FormatUpgrade {
    private static let batchEntries = 4096
    private static let batchBytes = 32 << 20
    static let marker: StaticString = "upgrading"

    private let handle: OpaquePointer
    private let database: MDB_dbi
    private let path: String

    init(_ handle: OpaquePointer, _ database: MDB_dbi, path: String) {
        self.handle = handle
        self.database = database
        self.path = path
    }

    /// Returns when the store is of format 2 throughout.
    func run() throws(KVError) {
        var next: [UInt8]? = [KeyFormat.Tag.entry]
        while let start = next {
            next = try self.write { tree throws(KVError) in
                try tree.setNumber("format", Environment.format)
                let end = try Self.upgrade(tree, from: start)
                if end == nil {
                    try tree.deleteIfThere(tree.scratch.meta(Self.marker))
                } else {
                    try tree.setNumber(Self.marker, 1)
                }
                return end
            }
        }
    }

    /// Returns the key of the tree at which the next batch begins, nil after the last.
    private static func upgrade(_ tree: Tree, from start: [UInt8]) throws(KVError) -> [UInt8]? {
        var next: [UInt8]? = start
        var (entries, bytes) = (0, 0)
        while let place = next, entries < Self.batchEntries, bytes < Self.batchBytes {
            var key: [UInt8] = []
            (key, next) = try Self.step(tree, from: place)
            guard !key.isEmpty, key[0] <= KeyFormat.Tag.tail else {
                return nil
            }
            guard !Self.isHead(key) else {
                continue
            }
            entries += 1
            bytes += try Self.upgradeRecord(tree, key)
        }
        return next
    }

    /// Returns the bytes that it wrote: none for a record that has its checks already.
    private static func upgradeRecord(_ tree: Tree, _ key: [UInt8]) throws(KVError) -> Int {
        try key.withBytes { keyBytes throws(KVError) in
            let place = MDB_val(mv_size: key.count, mv_data: UnsafeMutableRawPointer(mutating: keyBytes.baseAddress))
            // A copy: what lies in the tree moves when the tree is written to.
            guard let old = try tree.get(place).map({ Array($0) }) else {
                return 0
            }
            return try old.withBytes { old throws(KVError) in
                if let content = RecordFormat.readUnchecked(old) {
                    try tree.put(place, content)
                    return old.count
                }
                _ = try tree.record(old, key: keyBytes, checked: .all)
                return 0
            }
        }
    }

    /// The first key at or after `place`, empty where there is none, and the least key above it.
    private static func step(_ tree: Tree, from place: [UInt8]) throws(KVError) -> (key: [UInt8], next: [UInt8]?) {
        var cursor: OpaquePointer?
        try tree.check(mdb_cursor_open(tree.transaction, tree.database, &cursor), "upgrade")
        defer { mdb_cursor_close(cursor) }
        let code = place.withUnsafeBytes { bytes in
            var key = MDB_val(mv_size: place.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            var value = MDB_val()
            let code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE)
            return (code, code == MDB_SUCCESS ? Array(key.buffer) : [])
        }
        guard code.0 != MDB_NOTFOUND else {
            return ([], nil)
        }
        try tree.check(code.0, "upgrade")
        return (code.1, code.1 + [0])
    }

    private static func isHead(_ key: [UInt8]) -> Bool {
        guard key[0] == KeyFormat.Tag.entry, let end = key.firstIndex(of: 0) else {
            return false
        }
        return key.count - end - 1 >= KeyFormat.headBytes
    }

    private func write<Value>(_ body: (Tree) throws(KVError) -> Value) throws(KVError) -> Value {
        var transaction: OpaquePointer?
        let code = mdb_txn_begin(self.handle, nil, 0, &transaction)
        guard code == MDB_SUCCESS, let transaction else {
            throw LMDBError.make(code, "upgrade", path: self.path)
        }
        let tree = Tree(
            transaction: transaction,
            database: self.database,
            scratch: KeyScratch(),
            path: self.path
        )
        let value: Value
        do throws(KVError) {
            value = try body(tree)
        } catch {
            mdb_txn_abort(transaction)
            throw error
        }
        try tree.check(mdb_txn_commit(transaction), "upgrade")
        return value
    }
}
