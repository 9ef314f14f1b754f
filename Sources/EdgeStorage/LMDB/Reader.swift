import CLMDB

/// A read transaction that is used again and again: resetting and renewing one costs a fraction of beginning one.
// Unchecked: the pool lends a reader to one thread at a time, and MDB_NOTLS frees a transaction from its thread.
final class Reader: @unchecked Sendable {
    /// Entries that one page looks at, so that a long run of expired ones cannot make it endless.
    private static let maximumScan = 16_384

    private let environment: Environment
    private let tree: Tree
    /// A transaction is active from its beginning; later it has to be renewed.
    private var isActive = true

    init(_ environment: Environment) throws(KVError) {
        var transaction: OpaquePointer?
        var code = mdb_txn_begin(environment.handle, nil, UInt32(MDB_RDONLY), &transaction)
        if code == MDB_READERS_FULL {
            environment.clearStaleReaders()
            code = mdb_txn_begin(environment.handle, nil, UInt32(MDB_RDONLY), &transaction)
        }
        guard code == MDB_SUCCESS, let transaction else {
            throw LMDBError.make(code, "read", path: environment.path)
        }
        self.environment = environment
        self.tree = Tree(
            transaction: transaction,
            database: environment.database,
            scratch: KeyScratch(),
            path: environment.path
        )
    }

    deinit {
        mdb_txn_abort(self.tree.transaction)
    }

    func belongs(to environment: Environment) -> Bool {
        self.environment === environment
    }

    /// Takes a view of all that is committed by now.
    func begin() throws(KVError) {
        guard !self.isActive else {
            return
        }
        try self.tree.check(mdb_txn_renew(self.tree.transaction), "read")
        self.isActive = true
    }

    /// Lets go of the view; pointers into it are invalid from here.
    func end() {
        mdb_txn_reset(self.tree.transaction)
        self.isActive = false
    }

    /// The entry, where there is one and it has not expired.
    func live(
        _ namespace: KVNamespace,
        _ key: UnsafeRawBufferPointer,
        _ clock: KVClock
    ) throws(KVError) -> KVEntryView? {
        guard let entry = try self.tree.entry(namespace, key) else {
            return nil
        }
        // Only an entry that expires is worth a look at the clock.
        return entry.expiresAt == nil || entry.isLive(at: clock()) ? entry : nil
    }

    func list(_ request: KVListRequest, after: [UInt8]?, now: Int64) throws(KVError) -> KVPage {
        var cursor = try EntryCursor(self.tree, request.namespace)
        if request.reverse {
            try cursor.seek(before: after ?? Self.successor(of: request.prefix))
        } else {
            try cursor.seek(atOrAfter: after ?? request.prefix)
            if let after, let position = cursor.position, position.hasKey(after) {
                try cursor.next()
            }
        }
        var items: [KVListItem] = []
        var scanned = 0
        while let position = cursor.position, position.hasPrefix(request.prefix) {
            if position.record.isLive(at: now) {
                if items.count == request.limit {
                    return KVPage(items: items, cursor: items.last.map { KVCursor.encode(after: $0.key, for: request) })
                }
                items.append(KVListItem(key: position.key, position.record))
            }
            scanned += 1
            if scanned == Self.maximumScan {
                return KVPage(items: items, cursor: KVCursor.encode(after: position.key, for: request))
            }
            try request.reverse ? cursor.previous() : cursor.next()
        }
        return KVPage(items: items, cursor: nil)
    }

    /// The first namespace after the given one that has an entry, expired or not.
    func namespace(after: KVNamespace?) throws(KVError) -> KVNamespace? {
        var cursor: OpaquePointer?
        try self.tree.check(mdb_cursor_open(self.tree.transaction, self.tree.database, &cursor), "list")
        defer { mdb_cursor_close(cursor) }
        let scratch = self.tree.scratch
        var key = after.map { scratch.namespaceEnd($0) } ?? scratch.tag(KeyFormat.Tag.entry)
        var value = MDB_val()
        let code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE)
        guard code != MDB_NOTFOUND else {
            return nil
        }
        try self.tree.check(code, "list")
        guard key.buffer.first == KeyFormat.Tag.entry else {
            return nil
        }
        let name = key.buffer.dropFirst().prefix { $0 != 0 }
        do throws(KVError) {
            return try KVNamespace(String(decoding: name, as: UTF8.self))
        } catch {
            throw self.tree.damaged("the name of a namespace is invalid")
        }
    }

    func hasLive(_ namespace: KVNamespace, now: Int64) throws(KVError) -> Bool {
        var cursor = try EntryCursor(self.tree, namespace)
        try cursor.seek(atOrAfter: [])
        while let position = cursor.position {
            if position.record.isLive(at: now) {
                return true
            }
            try cursor.next()
        }
        return false
    }

    /// Whether a sweep would find something.
    func hasExpired(now: Int64) throws(KVError) -> Bool {
        try ExpiryIndex.first(self.tree).map { $0.expiresAt <= now } ?? false
    }

    /// Bytes of pages that are free to be written again.
    func freePages() throws(KVError) -> Int {
        var cursor: OpaquePointer?
        // Database 0 is LMDB's own list of free pages: each value begins with how many it names.
        try self.tree.check(mdb_cursor_open(self.tree.transaction, 0, &cursor), "measure")
        defer { mdb_cursor_close(cursor) }
        var count = 0
        var key = MDB_val()
        var value = MDB_val()
        while case let code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT), code != MDB_NOTFOUND {
            try self.tree.check(code, "measure")
            count += value.buffer.count >= 8 ? value.buffer.loadUnaligned(as: Int.self) : 0
        }
        return count
    }

    /// The first key above all that begin with `prefix`; nil where there is none.
    private static func successor(of prefix: [UInt8]) -> [UInt8]? {
        guard let index = prefix.lastIndex(where: { $0 != 0xff }) else {
            return nil
        }
        return prefix[..<index] + [prefix[index] + 1]
    }
}
