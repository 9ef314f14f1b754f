import Glibc
import Synchronization

/// Lends readers. A thread always asks the same shard, so that its lock and its readers stay in that core's cache.
final class ReaderPool: Sendable {
    private enum Source {
        case open(Environment)
        /// The store is being opened again; reads wait.
        case suspended
        case failed(KVError)
        case closed
    }

    private struct State {
        var source: Source
        var idle: [Reader] = []
        /// Counts how often the store was opened again.
        var generation = 0
    }

    private final class Shard: Sendable {
        let state: Mutex<State>

        init(_ environment: Environment) {
            self.state = Mutex(State(source: .open(environment)))
        }
    }

    private static let shardBits = 4
    /// More than this many reads at once on one shard are rare; their readers are not kept.
    private static let maximumIdle = 8
    /// How long a read waits for the store to be opened again, in ns: that takes milliseconds, or fails.
    private static let patience: UInt64 = 2_000_000_000
    private static let attempts = 3

    private let shards: [Shard]
    /// That of the shards, for those who wait for the next one.
    private let generation = Monitor(0)

    init(_ environment: Environment) {
        self.shards = (0..<1 << Self.shardBits).map { _ in Shard(environment) }
    }

    /// nil once the pool is closed, and while the store is being opened again.
    var environment: Environment? {
        self.shards[0].state.withLock { state in
            if case .open(let environment) = state.source { environment } else { nil }
        }
    }

    /// Calls `body` with a reader whose view begins now and ends with the call.
    func withReader<Value>(_ body: (Reader) throws(KVError) -> Value) throws(KVError) -> Value {
        let shard = self.shards[Self.shardIndex()]
        let reader = try self.begin(shard)
        defer {
            reader.end()
            Self.giveBack(reader, shard)
        }
        return try body(reader)
    }

    /// Later reads fail with `closed`; those in progress end in peace.
    func close() {
        self.replace(.closed) { $0 + 1 }
    }

    /// Lets go of the environment, which closes when the reads in progress have ended; later reads wait.
    func suspend() {
        self.replace(.suspended) { $0 }
    }

    /// Ends `suspend`.
    func resume(_ environment: Result<Environment, KVError>) {
        switch environment {
        case .success(let environment): self.replace(.open(environment)) { $0 + 1 }
        case .failure(let error): self.replace(.failed(error)) { $0 + 1 }
        }
    }

    /// A pool that is closed remains so.
    private func replace(_ source: Source, _ next: (Int) -> Int) {
        let number = next(self.generation.withLock { $0 })
        for shard in self.shards {
            // Returned, so that they end outside of the lock: the last reader closes the environment.
            _ = shard.state.withLock { state -> [Reader] in
                if case .closed = state.source {
                    return []
                }
                state.source = source
                state.generation = number
                defer { state.idle = [] }
                return state.idle
            }
        }
        self.generation.signalAll { $0 = number }
    }

    private func begin(_ shard: Shard) throws(KVError) -> Reader {
        do throws(KVError) {
            return try Self.beginAtOnce(shard)
        } catch {
            return try self.beginAgain(shard, after: error)
        }
    }

    /// Waits where the store is about to be opened again, or is being so. It may be open again by the time that one looks,
    /// so that an error counts only when it comes again.
    private func beginAgain(_ shard: Shard, after error: KVError) throws(KVError) -> Reader {
        var error = error
        let deadline = MonotonicTime.now() + Self.patience
        for _ in 0..<Self.attempts {
            if let lost = Self.lostGeneration(shard) {
                _ = self.generation.wait(until: deadline) { $0 > lost ? true : nil }
            }
            do throws(KVError) {
                return try Self.beginAtOnce(shard)
            } catch let next {
                error = next
            }
        }
        throw error
    }

    /// The generation that nobody can read any more, nil where the present one is in order, or there will be no other.
    private static func lostGeneration(_ shard: Shard) -> Int? {
        let (source, generation) = shard.state.withLock { ($0.source, $0.generation) }
        switch source {
        case .suspended: return generation
        case .open(let environment): return environment.isLost ? generation : nil
        case .failed, .closed: return nil
        }
    }

    /// A reader that fails to begin is not given back.
    private static func beginAtOnce(_ shard: Shard) throws(KVError) -> Reader {
        let (idle, source) = shard.state.withLock { ($0.idle.popLast(), $0.source) }
        if let idle {
            try idle.begin()
            return idle
        }
        switch source {
        case .open(let environment): return try Reader(environment)
        case .suspended: throw KVError(.io, "the store is being opened again after a fault of the disk")
        case .failed(let error): throw error
        case .closed: throw KVError(.closed, "the store is closed")
        }
    }

    private static func giveBack(_ reader: Reader, _ shard: Shard) {
        shard.state.withLock { state in
            if case .open(let environment) = state.source, reader.belongs(to: environment),
                state.idle.count < Self.maximumIdle
            {
                state.idle.append(reader)
            }
        }
    }

    private static func shardIndex() -> Int {
        // Thread handles are addresses that differ in their middle bits; the product brings those to the top.
        let hash = UInt64(pthread_self()) &* 0x9e37_79b9_7f4a_7c15
        return Int(hash >> UInt64(64 - Self.shardBits))
    }
}
