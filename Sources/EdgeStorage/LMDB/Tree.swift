import CLMDB

/// The B-tree as one transaction sees it. Pointers it returns are valid until the transaction ends or writes.
struct Tree {
    let transaction: OpaquePointer
    let database: MDB_dbi
    let scratch: KeyScratch
    let path: String

    func get(_ key: MDB_val) throws(KVError) -> UnsafeRawBufferPointer? {
        var key = key
        var value = MDB_val()
        let code = mdb_get(self.transaction, self.database, &key, &value)
        guard code != MDB_NOTFOUND else {
            return nil
        }
        try self.check(code, "read")
        return value.buffer
    }

    func put(_ key: MDB_val, _ bytes: UnsafeRawBufferPointer) throws(KVError) {
        try self.reserve(key, bytes.count).copyMemory(from: bytes)
    }

    /// Room for a value of `byteCount` bytes; fill it before the next call.
    func reserve(_ key: MDB_val, _ byteCount: Int) throws(KVError) -> UnsafeMutableRawBufferPointer {
        var key = key
        var value = MDB_val(mv_size: byteCount, mv_data: nil)
        try self.check(mdb_put(self.transaction, self.database, &key, &value, UInt32(MDB_RESERVE)), "write to")
        return UnsafeMutableRawBufferPointer(start: value.mv_data, count: value.mv_size)
    }

    func delete(_ key: MDB_val) throws(KVError) {
        var key = key
        let code = mdb_del(self.transaction, self.database, &key, nil)
        guard code != MDB_NOTFOUND else {
            throw self.damaged("an entry that was there is not")
        }
        try self.check(code, "delete from")
    }

    /// The entry of a key, expired or not.
    func entry(_ namespace: KVNamespace, _ key: UnsafeRawBufferPointer) throws(KVError) -> KVEntryView? {
        guard key.count >= KeyFormat.headBytes else {
            return try self.get(self.scratch.entry(namespace, key)).map { bytes throws(KVError) in
                try self.record(bytes)
            }
        }
        guard let head = try self.headID(namespace, key) else {
            return nil
        }
        let tail = UnsafeRawBufferPointer(rebasing: key[KeyFormat.headBytes...])
        return try self.get(self.scratch.tail(head, tail)).map { bytes throws(KVError) in try self.record(bytes) }
    }

    /// The id under which the tails of a long key's head lie.
    func headID(_ namespace: KVNamespace, _ key: UnsafeRawBufferPointer) throws(KVError) -> UInt64? {
        try self.get(self.scratch.entry(namespace, key)).map { bytes throws(KVError) in try self.number(bytes) }
    }

    func hasTails(_ head: UInt64) throws(KVError) -> Bool {
        var cursor: OpaquePointer?
        try self.check(mdb_cursor_open(self.transaction, self.database, &cursor), "read")
        defer { mdb_cursor_close(cursor) }
        let prefix = self.scratch.tail(head, UnsafeRawBufferPointer(start: nil, count: 0))
        var key = prefix
        var value = MDB_val()
        let code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE)
        guard code != MDB_NOTFOUND else {
            return false
        }
        try self.check(code, "read")
        return key.buffer.starts(with: prefix.buffer)
    }

    func record(_ bytes: UnsafeRawBufferPointer) throws(KVError) -> KVEntryView {
        guard let record = RecordFormat.read(bytes) else {
            throw self.damaged("an entry is too short")
        }
        return record
    }

    func number(_ bytes: UnsafeRawBufferPointer) throws(KVError) -> UInt64 {
        guard bytes.count == 8 else {
            throw self.damaged("a number has not 8 bytes")
        }
        return UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    }

    func check(_ code: Int32, _ action: String) throws(KVError) {
        guard code == MDB_SUCCESS else {
            throw LMDBError.make(code, action, path: self.path)
        }
    }

    func damaged(_ what: String) -> KVError {
        KVError(.storeDamaged, "the store in '\(self.path)' is damaged: \(what); restore it from a backup")
    }
}
