/// The writer thread's loop: takes what waits, applies it in one transaction, commits, completes.
final class GroupWriter: Sendable {
    /// Entries that one sweep deletes, so that writes never wait long behind it.
    private static let sweepBatch = 1024
    /// Time between looks for expired entries, in ns.
    private static let sweepInterval: UInt64 = 1_000_000_000
    /// Time between two batches where there is more to sweep, in ns: half of the time is left to writes.
    private static let sweepPause: UInt64 = 20_000_000

    private let environment: Environment
    private let pool: ReaderPool
    private let queue: WriteQueue
    private let clock: KVClock
    private let maximumBytes: Int
    private let sweepsByItself: Bool

    init(_ environment: Environment, _ pool: ReaderPool, _ queue: WriteQueue, _ configuration: LMDBConfiguration) {
        self.environment = environment
        self.pool = pool
        self.queue = queue
        self.clock = configuration.clock
        self.maximumBytes = configuration.maximumBytes
        self.sweepsByItself = configuration.role == .server
    }

    /// Returns when the queue is closed and all it accepted is complete.
    func run() {
        var nextSweep = MonotonicTime.now() + Self.sweepInterval
        while true {
            switch self.queue.next(until: self.sweepsByItself ? nextSweep : nil) {
            case .group(let group):
                self.write(group)
            case .sweep(let completion):
                completion(self.sweep())
            case .end:
                return
            case nil:
                break
            }
            // Also after a group: a queue that is never empty must not keep expired entries for ever.
            if self.sweepsByItself, MonotonicTime.now() >= nextSweep {
                let hasMore = self.sweepIfDue()
                nextSweep = MonotonicTime.now() + (hasMore ? Self.sweepPause : Self.sweepInterval)
            }
        }
    }

    private func write(_ group: [WriteQueue.Write]) {
        let results = self.results(group)
        self.queue.release(group)
        for (write, result) in zip(group, results) {
            write.completion(result)
        }
    }

    private func results(_ group: [WriteQueue.Write]) -> [Result<KVOutcome, KVError>] {
        do throws(KVError) {
            var transaction = try self.begin()
            var results: [Result<KVOutcome, KVError>] = []
            results.reserveCapacity(group.count)
            for write in group {
                results.append(try transaction.apply(write.mutation))
            }
            try transaction.commit()
            return results
        } catch {
            return Array(repeating: .failure(error), count: group.count)
        }
    }

    private func sweep() -> Result<Int, KVError> {
        do throws(KVError) {
            var transaction = try self.begin()
            let count = try transaction.sweep(limit: Self.sweepBatch)
            try transaction.commit()
            return .success(count)
        } catch {
            return .failure(error)
        }
    }

    /// Whether there may be more to sweep. A failure is left to the next round: the entries are invisible anyway, and a
    /// disk that fails shows in the next write.
    private func sweepIfDue() -> Bool {
        self.environment.clearStaleReaders()
        let now = self.clock()
        let isDue = try? self.pool.withReader { reader throws(KVError) in try reader.hasExpired(now: now) }
        guard isDue == true, case .success(let count) = self.sweep() else {
            return false
        }
        return count == Self.sweepBatch
    }

    private func begin() throws(KVError) -> WriteTransaction {
        try WriteTransaction(self.environment, self.pool, maximumBytes: self.maximumBytes, now: self.clock())
    }
}
