import EdgeStorage
import Synchronization

/// A store in memory whose writes wait until the test lets them through.
final class HeldStore: KeyValueStore {
    private let store: MemoryStore
    private let held = Mutex<[@Sendable () -> Void]>([])

    init(clock: ManualClock) {
        self.store = MemoryStore(clock: clock.storeClock)
    }

    var heldCount: Int { self.held.withLock { $0.count } }

    /// Applies and completes all writes that wait.
    func release() {
        let writes = self.held.withLock { held in
            defer { held = [] }
            return held
        }
        for write in writes { write() }
    }

    func write(_ mutation: KVMutation, completion: @escaping @Sendable (Result<KVOutcome, KVError>) -> Void) {
        let store = self.store
        self.held.withLock { $0.append { store.write(mutation, completion: completion) } }
    }

    func read(
        _ namespace: KVNamespace,
        key: UnsafeRawBufferPointer,
        _ body: (KVEntryView?) -> Void
    ) throws(KVError) {
        try self.store.read(namespace, key: key, body)
    }

    func readMany(
        _ namespace: KVNamespace,
        keys: [[UInt8]],
        _ body: (Int, KVEntryView?) -> Void
    ) throws(KVError) {
        try self.store.readMany(namespace, keys: keys, body)
    }

    func list(_ request: KVListRequest) throws(KVError) -> KVPage {
        try self.store.list(request)
    }

    func namespaces(after: KVNamespace?) throws(KVError) -> [KVNamespace] {
        try self.store.namespaces(after: after)
    }

    func sweep(completion: @escaping @Sendable (Result<Int, KVError>) -> Void) {
        self.store.sweep(completion: completion)
    }

    func close() {
        self.store.close()
    }
}
