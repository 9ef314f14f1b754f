import CLMDB

/// Walks the entries of one namespace in the byte order of their keys, through the split of long keys. It ends before its
/// transaction does: LMDB frees the cursors of a write transaction at its end.
struct EntryCursor: ~Copyable {
    /// An entry; its key is `head` followed by `tail`.
    struct Position {
        let head: UnsafeRawBufferPointer
        let tail: UnsafeRawBufferPointer
        let record: KVEntryView

        var key: [UInt8] {
            Array(self.head) + Array(self.tail)
        }

        func hasKey(_ key: [UInt8]) -> Bool {
            self.head.count + self.tail.count == key.count && self.hasPrefix(key)
        }

        func hasPrefix(_ prefix: [UInt8]) -> Bool {
            guard prefix.count > self.head.count else {
                return self.head.starts(with: prefix)
            }
            return prefix.starts(with: self.head) && self.tail.starts(with: prefix[self.head.count...])
        }
    }

    private enum Direction {
        case forward
        case backward
    }

    /// nil before a seek, and beyond either end of the namespace.
    private(set) var position: Position?

    private let tree: Tree
    private let namespace: KVNamespace
    private let main: OpaquePointer
    private let tails: OpaquePointer
    /// The head that the position lies under, nil for a short key.
    private var head: (key: UnsafeRawBufferPointer, id: UInt64)?

    init(_ tree: Tree, _ namespace: KVNamespace) throws(KVError) {
        let main = try Self.open(tree)
        let tails: OpaquePointer
        do throws(KVError) {
            tails = try Self.open(tree)
        } catch {
            mdb_cursor_close(main)
            throw error
        }
        self.tree = tree
        self.namespace = namespace
        self.main = main
        self.tails = tails
    }

    deinit {
        mdb_cursor_close(self.tails)
        mdb_cursor_close(self.main)
    }

    /// To the first entry whose key is not below `key`.
    mutating func seek(atOrAfter key: [UInt8]) throws(KVError) {
        let tree = self.tree
        let target = Self.treeKey(tree, self.namespace, key)
        guard let found = try Self.move(self.main, tree, MDB_SET_RANGE, target) else {
            return self.leave()
        }
        guard try self.select(found, exactly: key) else {
            return try self.enter(found, .forward)
        }
        let tail = try Self.move(self.tails, tree, MDB_SET_RANGE, self.tailKey(key))
        guard try self.take(tail) else {
            return try self.enter(Self.move(self.main, tree, MDB_NEXT), .forward)
        }
    }

    /// To the last entry whose key is below `key`; nil: to the last of the namespace.
    mutating func seek(before key: [UInt8]?) throws(KVError) {
        let tree = self.tree
        let target = key.map { Self.treeKey(tree, self.namespace, $0) } ?? tree.scratch.namespaceEnd(self.namespace)
        let found = try Self.move(self.main, tree, MDB_SET_RANGE, target)
        if let key, let found, try self.select(found, exactly: key) {
            let above = try Self.move(self.tails, tree, MDB_SET_RANGE, self.tailKey(key))
            let below = try Self.move(self.tails, tree, above == nil ? MDB_LAST : MDB_PREV)
            if try self.take(below) {
                return
            }
        }
        try self.enter(Self.move(self.main, tree, found == nil ? MDB_LAST : MDB_PREV), .backward)
    }

    mutating func next() throws(KVError) {
        try self.step(MDB_NEXT, .forward)
    }

    mutating func previous() throws(KVError) {
        try self.step(MDB_PREV, .backward)
    }

    private mutating func step(_ operation: MDB_cursor_op, _ direction: Direction) throws(KVError) {
        if self.head != nil, try self.take(Self.move(self.tails, self.tree, operation)) {
            return
        }
        try self.enter(Self.move(self.main, self.tree, operation), direction)
    }

    /// Takes what the main cursor stands on: a short key, or the first or last tail of a head.
    private mutating func enter(_ found: Found?, _ direction: Direction) throws(KVError) {
        self.leave()
        guard let found, let key = self.keyPart(found) else {
            return
        }
        guard key.count >= KeyFormat.headBytes else {
            self.position = Position(head: key, tail: Self.noTail, record: try self.record(found))
            return
        }
        let id = try self.tree.number(found.value)
        self.head = (key, id)
        let tail: Found?
        switch direction {
        case .forward:
            tail = try Self.move(self.tails, self.tree, MDB_SET_RANGE, self.tree.scratch.tail(id, Self.noTail))
        case .backward:
            let target = self.tree.scratch.tail(id + 1, Self.noTail)
            let above = try Self.move(self.tails, self.tree, MDB_SET_RANGE, target)
            tail = try Self.move(self.tails, self.tree, above == nil ? MDB_LAST : MDB_PREV)
        }
        guard try self.take(tail) else {
            throw self.tree.damaged("a long key has no end")
        }
    }

    /// Takes a tail where it lies under the present head.
    private mutating func take(_ found: Found?) throws(KVError) -> Bool {
        guard let found, let head = self.head, found.key.count >= 9, found.key[0] == KeyFormat.Tag.tail,
            UInt64(bigEndian: found.key.loadUnaligned(fromByteOffset: 1, as: UInt64.self)) == head.id
        else {
            return false
        }
        let tail = UnsafeRawBufferPointer(rebasing: found.key[9...])
        self.position = Position(head: head.key, tail: tail, record: try self.record(found))
        return true
    }

    /// The value is left alone: a listing does not show it, and it may be large.
    private func record(_ found: Found) throws(KVError) -> KVEntryView {
        try self.tree.record(found.value, key: found.key, checked: .head)
    }

    /// Whether the main cursor stands on the very head of a long key; makes it the present head.
    private mutating func select(_ found: Found, exactly key: [UInt8]) throws(KVError) -> Bool {
        guard key.count >= KeyFormat.headBytes, let part = self.keyPart(found),
            part.elementsEqual(key.prefix(KeyFormat.headBytes))
        else {
            return false
        }
        self.head = (part, try self.tree.number(found.value))
        return true
    }

    private mutating func leave() {
        self.position = nil
        self.head = nil
    }

    private func tailKey(_ key: [UInt8]) -> MDB_val {
        guard let head = self.head else {
            preconditionFailure("a head was selected")
        }
        return key[KeyFormat.headBytes...].withUnsafeBytes { self.tree.scratch.tail(head.id, $0) }
    }

    /// The part of a key of the tree after the namespace, nil outside of it.
    private func keyPart(_ found: Found) -> UnsafeRawBufferPointer? {
        let count = self.namespace.bytes.count
        guard found.key.count > count + 2, found.key[0] == KeyFormat.Tag.entry, found.key[1 + count] == 0,
            found.key[1...count].elementsEqual(self.namespace.bytes)
        else {
            return nil
        }
        return UnsafeRawBufferPointer(rebasing: found.key[(2 + count)...])
    }
}

extension EntryCursor {
    private struct Found {
        let key: UnsafeRawBufferPointer
        let value: UnsafeRawBufferPointer
    }

    private static var noTail: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: nil, count: 0)
    }

    private static func open(_ tree: Tree) throws(KVError) -> OpaquePointer {
        var cursor: OpaquePointer?
        try tree.check(mdb_cursor_open(tree.transaction, tree.database, &cursor), "read")
        guard let cursor else {
            preconditionFailure("LMDB gives a cursor when it reports success")
        }
        return cursor
    }

    private static func treeKey(_ tree: Tree, _ namespace: KVNamespace, _ key: [UInt8]) -> MDB_val {
        key.withUnsafeBytes { tree.scratch.entry(namespace, $0) }
    }

    private static func move(
        _ cursor: OpaquePointer,
        _ tree: Tree,
        _ operation: MDB_cursor_op,
        _ target: MDB_val = MDB_val()
    ) throws(KVError) -> Found? {
        var key = target
        var value = MDB_val()
        let code = mdb_cursor_get(cursor, &key, &value, operation)
        guard code != MDB_NOTFOUND else {
            return nil
        }
        try tree.check(code, "list")
        return Found(key: key.buffer, value: value.buffer)
    }
}
