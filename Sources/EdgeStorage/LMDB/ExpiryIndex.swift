import CLMDB

/// The entries that expire, in the order in which they do. The value of each names the entry: the length of the
/// namespace's name in one byte, the name, the key.
enum ExpiryIndex {
    struct Item {
        let expiresAt: Int64
        let version: UInt64
        /// The entry that it names, nil where its bytes name none.
        let entry: (namespace: KVNamespace, key: [UInt8])?
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

    /// Does nothing where there is no such item: without one the entry is swept never, and invisible all the same.
    static func remove(_ tree: Tree, _ time: Int64, _ version: UInt64) throws(KVError) {
        try tree.deleteIfThere(tree.scratch.expiry(time, version))
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
        guard key.buffer.count == 17 else {
            throw tree.damaged("an item of the expiry index is no such")
        }
        return Item(
            expiresAt: Int64(bitPattern: Self.number(key.buffer, 1)),
            version: Self.number(key.buffer, 9),
            entry: Self.entry(value.buffer)
        )
    }

    private static func entry(_ name: UnsafeRawBufferPointer) -> (namespace: KVNamespace, key: [UInt8])? {
        guard let nameBytes = name.first.map({ Int($0) }), nameBytes > 0, name.count > 1 + nameBytes,
            name.count - 1 - nameBytes <= KVLimits.keyBytes,
            let namespace = try? KVNamespace(String(decoding: name[1...nameBytes], as: UTF8.self))
        else {
            return nil
        }
        return (namespace, Array(name[(1 + nameBytes)...]))
    }

    private static func number(_ key: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(bigEndian: key.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
