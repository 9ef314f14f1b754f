/// Bytes at rest: namespaces of keys, each with a value, metadata, a version and an expiry.
///
/// Reads run at once on the calling thread and see every write whose completion was called before, from any thread.
/// Writes complete after they are durable, and may complete together with others.
public protocol KeyValueStore: Sendable {
    /// Calls `body` once, with nil where there is no entry or it has expired. The view, and all it points to, is valid
    /// only inside the call; keep the call short, since the store cannot reuse space while it lasts.
    func read(
        _ namespace: KVNamespace,
        key: UnsafeRawBufferPointer,
        _ body: (KVEntryView?) -> Void
    ) throws(KVError)

    /// The entries of up to 1000 keys as of one moment: `body` is called once for each key, in order, with its index.
    func readMany(
        _ namespace: KVNamespace,
        keys: [[UInt8]],
        _ body: (Int, KVEntryView?) -> Void
    ) throws(KVError)

    func list(_ request: KVListRequest) throws(KVError) -> KVPage

    /// The names of up to 1000 namespaces that have entries, in byte order, from the one after `after`.
    func namespaces(after: KVNamespace?) throws(KVError) -> [KVNamespace]

    /// Calls `completion` exactly once: on the calling thread, before this returns, with what is known at once (a
    /// limit, `overloaded`, `closed`), otherwise on the store's writer thread, which must not be kept: hand the result
    /// on.
    /// Mutations of one caller are applied in the order of their calls.
    func write(_ mutation: KVMutation, completion: @escaping @Sendable (Result<KVOutcome, KVError>) -> Void)

    /// Deletes a bounded number of expired entries, and completes like a write with how many they were. Expired entries
    /// are invisible without it; it gives their space back.
    func sweep(completion: @escaping @Sendable (Result<Int, KVError>) -> Void)

    /// Completes what was accepted, then closes. Later calls fail with `closed`. May be called more than once.
    func close()
}

extension KeyValueStore {
    /// A copy of the entry, nil where there is none or it has expired.
    public func get(_ namespace: KVNamespace, _ key: [UInt8]) throws(KVError) -> KVEntry? {
        var entry: KVEntry?
        try key.withBytes { bytes throws(KVError) in
            try self.read(namespace, key: bytes) { entry = $0.map { KVEntry($0) } }
        }
        return entry
    }

    /// Copies of the entries of up to 1000 keys, as of one moment.
    public func getMany(_ namespace: KVNamespace, _ keys: [[UInt8]]) throws(KVError) -> [KVEntry?] {
        var entries: [KVEntry?] = []
        entries.reserveCapacity(keys.count)
        try self.readMany(namespace, keys: keys) { _, view in entries.append(view.map { KVEntry($0) }) }
        return entries
    }

    /// Writes, and returns when the write is durable.
    public func write(_ mutation: KVMutation) async throws(KVError) -> KVOutcome {
        let result = await withCheckedContinuation { continuation in
            self.write(mutation) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Sweeps one bounded batch; returns how many entries it deleted.
    public func sweep() async throws(KVError) -> Int {
        let result = await withCheckedContinuation { continuation in
            self.sweep { continuation.resume(returning: $0) }
        }
        return try result.get()
    }
}
