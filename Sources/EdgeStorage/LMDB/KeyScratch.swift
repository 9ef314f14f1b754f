import CLMDB

/// How keys lie in the one B-tree; `docs/decisions/0002-kv-encoding.md` gives the reasons.
enum KeyFormat {
    enum Tag {
        static let meta: UInt8 = 1
        static let entry: UInt8 = 2
        static let tail: UInt8 = 3
        static let expiry: UInt8 = 4
    }

    /// A key of this many bytes or more is split here: its head leads to an id under which the tails lie.
    static let headBytes = 440
    static let longestTreeKey = 1 + KVLimits.namespaceBytes + 1 + Self.headBytes
}

/// Room to put one key of the tree together. Each call overwrites the key of the call before.
final class KeyScratch {
    private let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 8)

    deinit {
        self.bytes.deallocate()
    }

    /// The place of a short key, or of the head of a long one.
    func entry(_ namespace: KVNamespace, _ key: UnsafeRawBufferPointer) -> MDB_val {
        let head = UnsafeRawBufferPointer(rebasing: key.prefix(KeyFormat.headBytes))
        let start = self.namespaceStart(namespace)
        UnsafeMutableRawBufferPointer(rebasing: self.bytes[start...]).copyMemory(from: head)
        return self.value(start + head.count)
    }

    /// The place just after the last entry of a namespace: 1 follows the 0 that ends the name.
    func namespaceEnd(_ namespace: KVNamespace) -> MDB_val {
        let start = self.namespaceStart(namespace)
        self.bytes[start - 1] = 1
        return self.value(start)
    }

    func tail(_ head: UInt64, _ tail: UnsafeRawBufferPointer) -> MDB_val {
        self.bytes[0] = KeyFormat.Tag.tail
        self.store(head, at: 1)
        UnsafeMutableRawBufferPointer(rebasing: self.bytes[9...]).copyMemory(from: tail)
        return self.value(9 + tail.count)
    }

    func expiry(_ expiresAt: Int64, _ version: UInt64) -> MDB_val {
        self.bytes[0] = KeyFormat.Tag.expiry
        self.store(UInt64(expiresAt), at: 1)
        self.store(version, at: 9)
        return self.value(17)
    }

    func meta(_ name: StaticString) -> MDB_val {
        self.bytes[0] = KeyFormat.Tag.meta
        let name = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        UnsafeMutableRawBufferPointer(rebasing: self.bytes[1...]).copyMemory(from: name)
        return self.value(1 + name.count)
    }

    func tag(_ tag: UInt8) -> MDB_val {
        self.bytes[0] = tag
        return self.value(1)
    }

    private func namespaceStart(_ namespace: KVNamespace) -> Int {
        self.bytes[0] = KeyFormat.Tag.entry
        let count = namespace.bytes.count
        namespace.bytes.withUnsafeBytes { name in
            UnsafeMutableRawBufferPointer(rebasing: self.bytes[1...]).copyMemory(from: name)
        }
        self.bytes[1 + count] = 0
        return 2 + count
    }

    /// Big-endian, so that the order of the bytes is the order of the numbers.
    private func store(_ number: UInt64, at offset: Int) {
        self.bytes.storeBytes(of: number.bigEndian, toByteOffset: offset, as: UInt64.self)
    }

    private func value(_ count: Int) -> MDB_val {
        assert(count <= KeyFormat.longestTreeKey, "a key of the tree fits LMDB's limit")
        return MDB_val(mv_size: count, mv_data: self.bytes.baseAddress)
    }
}

extension MDB_val {
    var buffer: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: self.mv_data, count: self.mv_size)
    }
}
