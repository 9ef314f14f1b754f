import Synchronization

/// The embedded store: LMDB in a directory. An acknowledged write survives the end of the process and of the power.
/// Several processes may have it open, of them one as a server.
public final class LMDBStore: KeyValueStore {
    private let pool: ReaderPool
    private let queue: WriteQueue
    private let clock: KVClock
    /// nil once somebody has begun to close.
    private let writer: Mutex<WorkerThread?>

    /// Opens the store, and makes it where there is none.
    /// - Throws: `storeHeld`, `storeDamaged`, `newerFormat`, `permissionDenied`, `storeFull`, `io`.
    public init(_ configuration: LMDBConfiguration) throws(KVError) {
        configuration.check()
        let environment = try Environment(configuration)
        let pool = ReaderPool(environment)
        let queue = WriteQueue(configuration)
        let writer = GroupWriter(environment, pool, queue, configuration)
        self.pool = pool
        self.queue = queue
        self.clock = configuration.clock
        self.writer = Mutex(try WorkerThread { writer.run() })
    }

    deinit {
        self.close()
    }

    /// The open lock file of a server's store, to be handed to the process that serves it next: a duplicate holds the lock
    /// as this one does. nil in a tool and once the store is closed, which closes it.
    public var lockDescriptor: Int32? {
        self.pool.environment?.lock?.descriptor
    }

    public func read(
        _ namespace: KVNamespace,
        key: UnsafeRawBufferPointer,
        _ body: (KVEntryView?) -> Void
    ) throws(KVError) {
        try KVLimits.checkKey(key.count)
        try self.pool.withReader { reader throws(KVError) in
            body(try reader.live(namespace, key, self.clock))
        }
    }

    public func readMany(
        _ namespace: KVNamespace,
        keys: [[UInt8]],
        _ body: (Int, KVEntryView?) -> Void
    ) throws(KVError) {
        try KVLimits.checkMany(keys)
        try self.pool.withReader { reader throws(KVError) in
            for (index, key) in keys.enumerated() {
                body(
                    index,
                    try key.withBytes { bytes throws(KVError) in
                        try reader.live(namespace, bytes, self.clock)
                    }
                )
            }
        }
    }

    public func list(_ request: KVListRequest) throws(KVError) -> KVPage {
        let after = try request.validated()
        return try self.pool.withReader { reader throws(KVError) in
            try reader.list(request, after: after, now: self.clock())
        }
    }

    public func namespaces(after: KVNamespace?) throws(KVError) -> [KVNamespace] {
        try self.pool.withReader { reader throws(KVError) in
            var names: [KVNamespace] = []
            var last = after
            while names.count < KVLimits.pageEntries, let name = try reader.namespace(after: last) {
                if try reader.hasLive(name, now: self.clock()) {
                    names.append(name)
                }
                last = name
            }
            return names
        }
    }

    public func write(_ mutation: KVMutation, completion: @escaping @Sendable (Result<KVOutcome, KVError>) -> Void) {
        do throws(KVError) {
            try mutation.checkSizes()
        } catch {
            return completion(.failure(error))
        }
        if let refusal = self.queue.add(WriteQueue.Write(mutation: mutation, completion: completion)) {
            completion(.failure(refusal))
        }
    }

    public func sweep(completion: @escaping @Sendable (Result<Int, KVError>) -> Void) {
        if let refusal = self.queue.add(WriteQueue.Sweep(completion: completion)) {
            completion(.failure(refusal))
        }
    }

    /// Waits until what was accepted is durable and complete. Called from a completion it cannot wait for the thread it
    /// runs on; the rest is then completed after it returns. A read in progress keeps the files open until it ends.
    public func close() {
        guard let writer = self.writer.withLock({ $0.take() }) else {
            return
        }
        self.queue.close()
        if writer.isCurrent {
            writer.detach()
        } else {
            writer.join()
        }
        self.pool.close()
    }
}
