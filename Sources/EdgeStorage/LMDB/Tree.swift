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

    func put(_ key: MDB_val, _ new: MutationDecision.Replacement, version: UInt64) throws(KVError) {
        try new.value.withBytes { value throws(KVError) in
            try (new.metadata ?? []).withBytes { metadata throws(KVError) in
                let content = RecordFormat.Content(
                    value: value,
                    kind: new.kind,
                    metadata: new.metadata == nil ? nil : metadata,
                    version: version,
                    expiresAt: new.expiresAt ?? 0
                )
                try self.put(key, content)
            }
        }
    }

    /// The content must not lie in the tree, which moves.
    func put(_ key: MDB_val, _ content: RecordFormat.Content) throws(KVError) {
        let byteCount = RecordFormat.byteCount(value: content.value.count, metadata: content.metadata?.count ?? 0)
        RecordFormat.write(content, key: key.buffer, to: try self.reserve(key, byteCount))
    }

    /// Room for a value of `byteCount` bytes; fill it before the next call.
    func reserve(_ key: MDB_val, _ byteCount: Int) throws(KVError) -> UnsafeMutableRawBufferPointer {
        var key = key
        var value = MDB_val(mv_size: byteCount, mv_data: nil)
        try self.check(mdb_put(self.transaction, self.database, &key, &value, UInt32(MDB_RESERVE)), "write to")
        return UnsafeMutableRawBufferPointer(start: value.mv_data, count: value.mv_size)
    }

    func delete(_ key: MDB_val) throws(KVError) {
        guard try self.deleteIfThere(key) else {
            throw self.damaged("an entry that was there is not")
        }
    }

    /// Whether it was there.
    @discardableResult
    func deleteIfThere(_ key: MDB_val) throws(KVError) -> Bool {
        var key = key
        let code = mdb_del(self.transaction, self.database, &key, nil)
        guard code != MDB_NOTFOUND else {
            return false
        }
        try self.check(code, "delete from")
        return true
    }

    /// The entry of a key, expired or not.
    func entry(
        _ namespace: KVNamespace,
        _ key: UnsafeRawBufferPointer,
        checked: RecordFormat.Checked = .all
    ) throws(KVError) -> KVEntryView? {
        let place: MDB_val
        if key.count < KeyFormat.headBytes {
            place = self.scratch.entry(namespace, key)
        } else {
            guard let head = try self.headID(namespace, key) else {
                return nil
            }
            place = self.scratch.tail(head, UnsafeRawBufferPointer(rebasing: key[KeyFormat.headBytes...]))
        }
        return try self.get(place).map { bytes throws(KVError) in
            try self.record(bytes, key: place.buffer, checked: checked)
        }
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

    /// - Parameter key: the key of the tree under which the bytes were found.
    func record(
        _ bytes: UnsafeRawBufferPointer,
        key: UnsafeRawBufferPointer,
        checked: RecordFormat.Checked
    ) throws(KVError) -> KVEntryView {
        guard let record = RecordFormat.read(bytes, key: key, checked: checked) else {
            throw self.damaged("an entry does not match its checksum")
        }
        return record
    }

    func number(_ bytes: UnsafeRawBufferPointer) throws(KVError) -> UInt64 {
        guard bytes.count == 8 else {
            throw self.damaged("a number has not 8 bytes")
        }
        return UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    }

    /// Sets a number of the store itself.
    func setNumber(_ name: StaticString, _ number: UInt64) throws(KVError) {
        let bytes = number.littleEndian
        try withUnsafeBytes(of: bytes) { bytes throws(KVError) in
            try self.put(self.scratch.meta(name), bytes)
        }
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
