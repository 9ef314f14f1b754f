import Glibc
import Synchronization

/// Lends readers. A thread always asks the same shard, so that its lock and its readers stay in that core's cache.
final class ReaderPool: Sendable {
    private struct State {
        /// nil once the pool is closed.
        var environment: Environment?
        var idle: [Reader] = []
    }

    private final class Shard: Sendable {
        let state: Mutex<State>

        init(_ environment: Environment) {
            self.state = Mutex(State(environment: environment))
        }
    }

    private static let shardBits = 4
    /// More than this many reads at once on one shard are rare; their readers are not kept.
    private static let maximumIdle = 8

    private let shards: [Shard]

    init(_ environment: Environment) {
        self.shards = (0..<1 << Self.shardBits).map { _ in Shard(environment) }
    }

    /// Calls `body` with a reader whose view begins now and ends with the call.
    func withReader<Value>(_ body: (Reader) throws(KVError) -> Value) throws(KVError) -> Value {
        let shard = self.shards[Self.shardIndex()]
        let reader = try Self.take(shard)
        // A reader that fails to begin is not given back.
        try reader.begin()
        defer {
            reader.end()
            Self.giveBack(reader, shard)
        }
        return try body(reader)
    }

    /// Later reads fail with `closed`; those in progress end in peace.
    func close() {
        for shard in self.shards {
            shard.state.withLock { $0 = State(environment: nil) }
        }
    }

    private static func take(_ shard: Shard) throws(KVError) -> Reader {
        let (idle, environment) = shard.state.withLock { state in
            let reader = state.idle.popLast()
            return (reader, reader == nil ? state.environment : nil)
        }
        if let idle {
            return idle
        }
        guard let environment else {
            throw KVError(.closed, "the store is closed")
        }
        return try Reader(environment)
    }

    private static func giveBack(_ reader: Reader, _ shard: Shard) {
        shard.state.withLock { state in
            if state.environment != nil, state.idle.count < Self.maximumIdle {
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
