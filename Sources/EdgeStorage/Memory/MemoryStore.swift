import Synchronization

/// The reference: a dictionary under a lock. Nothing survives the process.
public final class MemoryStore: KeyValueStore {
    private struct State {
        var namespaces: [KVNamespace: [[UInt8]: KVEntry]] = [:]
        var lastVersion: UInt64 = 0
        var bytes = 0
        var isClosed = false
    }

    private static let sweepBatch = 1024

    private let state = Mutex(State())
    private let clock: KVClock
    private let maximumBytes: Int

    /// - Parameter maximumBytes: of keys, values and metadata together.
    public init(maximumBytes: Int = 256 * 1024 * 1024, clock: @escaping KVClock = KVClocks.system) {
        self.maximumBytes = maximumBytes
        self.clock = clock
    }

    public func read(
        _ namespace: KVNamespace,
        key: UnsafeRawBufferPointer,
        _ body: (KVEntryView?) -> Void
    ) throws(KVError) {
        try KVLimits.checkKey(key.count)
        let entry = try self.locked { state throws(KVError) in
            self.live(state, namespace, Array(key))
        }
        Self.withView(entry, body)
    }

    public func readMany(
        _ namespace: KVNamespace,
        keys: [[UInt8]],
        _ body: (Int, KVEntryView?) -> Void
    ) throws(KVError) {
        try KVLimits.checkMany(keys)
        let entries = try self.locked { state throws(KVError) in
            keys.map { self.live(state, namespace, $0) }
        }
        for (index, entry) in entries.enumerated() {
            Self.withView(entry) { body(index, $0) }
        }
    }

    public func list(_ request: KVListRequest) throws(KVError) -> KVPage {
        let after = try request.validated()
        let now = self.clock()
        let entries = try self.locked { state throws(KVError) in state.namespaces[request.namespace] ?? [:] }
        var keys = entries.filter { $0.value.isLive(at: now) && $0.key.starts(with: request.prefix) }.map(\.key)
        keys.sort { $0.lexicographicallyPrecedes($1) }
        if request.reverse {
            keys.reverse()
        }
        if let after {
            keys.removeAll { key in
                key == after || key.lexicographicallyPrecedes(after) != request.reverse
            }
        }
        let page = keys.prefix(request.limit)
        let cursor = keys.count > page.count ? page.last.map { KVCursor.encode(after: $0, for: request) } : nil
        return KVPage(items: page.compactMap { key in entries[key].map { KVListItem(key: key, $0) } }, cursor: cursor)
    }

    public func namespaces(after: KVNamespace?) throws(KVError) -> [KVNamespace] {
        let now = self.clock()
        let all = try self.locked { state throws(KVError) in
            state.namespaces.filter { $0.value.values.contains { $0.isLive(at: now) } }.keys
        }
        let rest = all.sorted().drop { name in after.map { name <= $0 } ?? false }
        return Array(rest.prefix(KVLimits.pageEntries))
    }

    public func write(_ mutation: KVMutation, completion: @escaping @Sendable (Result<KVOutcome, KVError>) -> Void) {
        let result = Result { () throws(KVError) in
            try mutation.checkSizes()
            return try self.locked { state throws(KVError) in try self.apply(mutation, to: &state) }
        }
        completion(result)
    }

    public func sweep(completion: @escaping @Sendable (Result<Int, KVError>) -> Void) {
        let now = self.clock()
        let result = Result { () throws(KVError) in
            try self.locked { state throws(KVError) in
                var removed = 0
                for (namespace, entries) in state.namespaces {
                    for (key, entry) in entries where !entry.isLive(at: now) && removed < Self.sweepBatch {
                        Self.set(nil, namespace, key, in: &state)
                        removed += 1
                    }
                }
                return removed
            }
        }
        completion(result)
    }

    public func close() {
        self.state.withLock { $0.isClosed = true }
    }

    private func locked<Value: Sendable>(
        _ body: (inout sending State) throws(KVError) -> sending Value
    ) throws(KVError) -> Value {
        try self.state.withLock { state throws(KVError) in
            guard !state.isClosed else {
                throw KVError(.closed, "the store is closed")
            }
            return try body(&state)
        }
    }

    private func live(_ state: State, _ namespace: KVNamespace, _ key: [UInt8]) -> KVEntry? {
        guard let entry = state.namespaces[namespace]?[key], entry.isLive(at: self.clock()) else {
            return nil
        }
        return entry
    }

    private func apply(_ mutation: KVMutation, to state: inout State) throws(KVError) -> KVOutcome {
        let current = self.live(state, mutation.namespace, mutation.key)
        var decision = Result<MutationDecision, KVError>.success(.remove)
        Self.withView(current) { view in
            decision = Result { () throws(KVError) in
                try MutationDecision.decide(mutation.operation, current: view, now: self.clock())
            }
        }
        switch try decision.get() {
        case .keep(let outcome):
            return outcome
        case .remove:
            Self.set(nil, mutation.namespace, mutation.key, in: &state)
            return .deleted(existed: true)
        case .store(let new):
            let added = mutation.key.count + new.value.count + (new.metadata?.count ?? 0)
            guard state.bytes + added <= self.maximumBytes else {
                throw KVError(.storeFull, "the store has reached its maximum of \(self.maximumBytes) bytes")
            }
            let version = state.lastVersion + 1
            let entry = KVEntry(
                value: new.value,
                kind: new.kind,
                metadata: new.metadata,
                version: version,
                expiresAt: new.expiresAt
            )
            state.lastVersion = version
            Self.set(entry, mutation.namespace, mutation.key, in: &state)
            return new.outcome(version: version)
        }
    }

    private static func set(_ entry: KVEntry?, _ namespace: KVNamespace, _ key: [UInt8], in state: inout State) {
        let old = state.namespaces[namespace]?[key]
        state.namespaces[namespace, default: [:]][key] = entry
        state.bytes -= old.map { key.count + $0.byteCount } ?? 0
        state.bytes += entry.map { key.count + $0.byteCount } ?? 0
    }

    private static func withView(_ entry: KVEntry?, _ body: (KVEntryView?) -> Void) {
        guard let entry else {
            return body(nil)
        }
        entry.value.withUnsafeBytes { value in
            (entry.metadata ?? []).withUnsafeBytes { metadata in
                body(
                    KVEntryView(
                        value: value,
                        kind: entry.kind,
                        metadata: entry.metadata == nil ? nil : metadata,
                        version: entry.version,
                        expiresAt: entry.expiresAt
                    )
                )
            }
        }
    }
}
