import CLMDB

/// The entries that expire, in the order in which they do. The value of each names the entry: the length of the
/// namespace's name in one byte, the name, the key.
enum ExpiryIndex {
    struct Item {
        let expiresAt: Int64
        let version: UInt64
        let namespace: KVNamespace
        let key: [UInt8]
    }

    static func add(
        _ tree: Tree,
        _ namespace: KVNamespace,
        _ key: [UInt8],
        _ time: Int64,
        _ version: UInt64
    )
        throws(KVError)
    {
        let name = [UInt8(namespace.bytes.count)] + namespace.bytes + key
        try name.withBytes { bytes throws(KVError) in
            try tree.put(tree.scratch.expiry(time, version), bytes)
        }
    }

    static func remove(_ tree: Tree, _ time: Int64, _ version: UInt64) throws(KVError) {
        try tree.delete(tree.scratch.expiry(time, version))
    }

    /// The one that expires first.
    static func first(_ tree: Tree) throws(KVError) -> Item? {
        var cursor: OpaquePointer?
        try tree.check(mdb_cursor_open(tree.transaction, tree.database, &cursor), "sweep")
        defer { mdb_cursor_close(cursor) }
        var key = tree.scratch.tag(KeyFormat.Tag.expiry)
        var value = MDB_val()
        let code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE)
        guard code != MDB_NOTFOUND else {
            return nil
        }
        try tree.check(code, "sweep")
        guard let item = try? Self.read(key.buffer, value.buffer) else {
            throw tree.damaged("an item of the expiry index is no such")
        }
        return item
    }

    private static func read(_ key: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) throws(KVError) -> Item? {
        guard key.count == 17, let nameBytes = name.first.map({ Int($0) }), name.count > 1 + nameBytes else {
            return nil
        }
        return Item(
            expiresAt: Int64(bitPattern: UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 1, as: UInt64.self))),
            version: UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 9, as: UInt64.self)),
            namespace: try KVNamespace(String(decoding: name[1...nameBytes], as: UTF8.self)),
            key: Array(name[(1 + nameBytes)...])
        )
    }
}
