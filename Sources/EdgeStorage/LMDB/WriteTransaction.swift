import CLMDB

/// One commit: applies mutations to the tree. Where it is not committed it is undone.
struct WriteTransaction: ~Copyable {
    private static let versionKey: StaticString = "version"

    private let tree: Tree
    private let now: Int64
    private let pool: ReaderPool
    private var budget: SpaceBudget
    private var version: UInt64
    private var hasChanges = false
    private var isOpen = true

    init(_ environment: Environment, _ pool: ReaderPool, maximumBytes: Int, now: Int64) throws(KVError) {
        try environment.checkInPlace()
        var transaction: OpaquePointer?
        let code = mdb_txn_begin(environment.handle, nil, 0, &transaction)
        guard code == MDB_SUCCESS, let transaction else {
            throw LMDBError.make(code, "write to", path: environment.path)
        }
        let tree = Tree(
            transaction: transaction,
            database: environment.database,
            scratch: KeyScratch(),
            path: environment.path
        )
        let version: UInt64
        let budget: SpaceBudget
        do throws(KVError) {
            let stored = try tree.get(tree.scratch.meta(Self.versionKey))
            version = try stored.map { bytes throws(KVError) in try tree.number(bytes) } ?? 0
            budget = try SpaceBudget(environment, maximumBytes: maximumBytes)
        } catch {
            mdb_txn_abort(transaction)
            throw error
        }
        self.tree = tree
        self.version = version
        self.budget = budget
        self.now = now
        self.pool = pool
    }

    deinit {
        if self.isOpen {
            mdb_txn_abort(self.tree.transaction)
        }
    }

    /// Returns what is wrong with this mutation alone: it left the tree as it was, and others may follow.
    /// - Throws: what is wrong with the transaction, which must not be committed then.
    mutating func apply(_ mutation: KVMutation) throws(KVError) -> Result<KVOutcome, KVError> {
        let (namespace, key) = (mutation.namespace, mutation.key)
        let old: KVEntryView?
        let decision: MutationDecision
        do throws(KVError) {
            switch (try self.present(mutation), mutation.operation) {
            case (.readable(let entry), _):
                old = entry
                let current = entry.flatMap { $0.isLive(at: self.now) ? $0 : nil }
                decision = try MutationDecision.decide(mutation.operation, current: current, now: self.now)
            // To put or delete without a condition is how an entry that can't be read any more is mended. Its item in the
            // expiry index stays until the sweep finds that it names nothing.
            case (.damaged, .put(let put, .none)):
                old = nil
                decision = .store(try MutationDecision.Replacement(put, now: self.now))
            case (.damaged, .delete(nil)):
                old = nil
                decision = .remove
            case (.damaged(let error), _):
                return .failure(error)
            }
            if case .store(let new) = decision {
                try self.charge(namespace, key, new)
            }
        } catch {
            return .failure(error)
        }
        switch decision {
        case .keep(let outcome):
            return .success(outcome)
        case .remove:
            try self.removeFromIndex(old)
            try self.removeEntry(namespace, key)
            return .success(.deleted(existed: true))
        case .store(let new):
            try self.removeFromIndex(old)
            try self.storeEntry(namespace, key, new)
            return .success(new.outcome(version: self.version))
        }
    }

    private enum Present {
        /// Expired or not; nil where there is none.
        case readable(KVEntryView?)
        case damaged(KVError)
    }

    /// What a mutation meets. The value is checked only where the mutation looks at it.
    private func present(_ mutation: KVMutation) throws(KVError) -> Present {
        let checked: RecordFormat.Checked =
            switch mutation.operation {
            case .put, .delete: .head
            case .increment, .compareAndPut: .all
            }
        do throws(KVError) {
            return .readable(
                try mutation.key.withBytes { bytes throws(KVError) in
                    try self.tree.entry(mutation.namespace, bytes, checked: checked)
                }
            )
        } catch {
            guard error.code == .storeDamaged else {
                throw error
            }
            return .damaged(error)
        }
    }

    /// Deletes up to `limit` expired entries; returns how many they were. An item of the index that names no such entry
    /// goes too: it would stand before all others for ever.
    mutating func sweep(limit: Int) throws(KVError) -> Int {
        var count = 0
        while count < limit, let item = try ExpiryIndex.first(self.tree), item.expiresAt <= self.now {
            self.hasChanges = true
            try ExpiryIndex.remove(self.tree, item.expiresAt, item.version)
            count += 1
            guard let (namespace, key) = item.entry else {
                continue
            }
            let entry = try? key.withBytes { key throws(KVError) in
                try self.tree.entry(namespace, key, checked: .head)
            }
            if let entry, entry.version == item.version, entry.expiresAt == item.expiresAt {
                try self.removeEntry(namespace, key)
            }
        }
        return count
    }

    /// Makes the commit write even where nothing has changed.
    mutating func touch() {
        self.hasChanges = true
    }

    /// Makes all of it durable, or nothing.
    consuming func commit() throws(KVError) {
        guard self.hasChanges else {
            return
        }
        try self.tree.setNumber(Self.versionKey, self.version)
        self.isOpen = false
        try self.tree.check(mdb_txn_commit(self.tree.transaction), "write to")
    }

    private mutating func charge(
        _ namespace: KVNamespace,
        _ key: [UInt8],
        _ new: MutationDecision.Replacement
    ) throws(KVError) {
        let names = namespace.bytes.count + key.count + 32
        let index = new.expiresAt == nil ? 0 : names
        let pool = self.pool
        let record = RecordFormat.byteCount(value: new.value.count, metadata: new.metadata?.count ?? 0)
        try self.budget.charge(record + names + index) { () throws(KVError) in
            // This transaction holds the write lock, so a view from now is the one it began with.
            try pool.withReader { reader throws(KVError) in try reader.freePages() }
        }
    }

    private mutating func storeEntry(
        _ namespace: KVNamespace,
        _ key: [UInt8],
        _ new: MutationDecision.Replacement
    ) throws(KVError) {
        self.hasChanges = true
        self.version += 1
        let (tree, version) = (self.tree, self.version)
        try key.withBytes { bytes throws(KVError) in
            let place: MDB_val
            if bytes.count < KeyFormat.headBytes {
                place = tree.scratch.entry(namespace, bytes)
            } else {
                let head = try Self.makeHead(tree, namespace, bytes, id: version)
                place = tree.scratch.tail(head, UnsafeRawBufferPointer(rebasing: bytes[KeyFormat.headBytes...]))
            }
            try tree.put(place, new, version: version)
        }
        if let time = new.expiresAt {
            try ExpiryIndex.add(tree, namespace, key, time, version)
        }
    }

    /// The id of a head, a new one where the head is new. Versions are never used twice, so one serves as the id.
    private static func makeHead(
        _ tree: Tree,
        _ namespace: KVNamespace,
        _ key: UnsafeRawBufferPointer,
        id: UInt64
    ) throws(KVError) -> UInt64 {
        if let head = try tree.headID(namespace, key) {
            return head
        }
        let bytes = id.littleEndian
        try withUnsafeBytes(of: bytes) { bytes throws(KVError) in
            try tree.put(tree.scratch.entry(namespace, key), bytes)
        }
        return id
    }

    private mutating func removeFromIndex(_ entry: KVEntryView?) throws(KVError) {
        if let entry, let time = entry.expiresAt {
            self.hasChanges = true
            try ExpiryIndex.remove(self.tree, time, entry.version)
        }
    }

    /// The entry must exist.
    private mutating func removeEntry(_ namespace: KVNamespace, _ key: [UInt8]) throws(KVError) {
        self.hasChanges = true
        let tree = self.tree
        try key.withBytes { bytes throws(KVError) in
            guard bytes.count >= KeyFormat.headBytes else {
                return try tree.delete(tree.scratch.entry(namespace, bytes))
            }
            guard let head = try tree.headID(namespace, bytes) else {
                throw tree.damaged("a long key has lost its head")
            }
            let tail = UnsafeRawBufferPointer(rebasing: bytes[KeyFormat.headBytes...])
            try tree.delete(tree.scratch.tail(head, tail))
            if try !tree.hasTails(head) {
                try tree.delete(tree.scratch.entry(namespace, bytes))
            }
        }
    }
}
