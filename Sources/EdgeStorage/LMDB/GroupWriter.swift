import Synchronization

/// The writer thread's loop: takes what waits, applies it in one transaction, commits, completes.
final class GroupWriter: Sendable {
    /// Entries that one sweep deletes, so that writes never wait long behind it.
    private static let sweepBatch = 1024
    /// Time between looks for expired entries, in ns.
    private static let sweepInterval: UInt64 = 1_000_000_000
    /// Time between two batches where there is more to sweep, in ns: half of the time is left to writes.
    private static let sweepPause: UInt64 = 20_000_000

    private let pool: ReaderPool
    private let queue: WriteQueue
    private let clock: KVClock
    private let sweepsByItself: Bool
    /// What the thread gets that runs the loop.
    private let committer: Mutex<Committer?>

    init(_ environment: Environment, _ pool: ReaderPool, _ queue: WriteQueue, _ configuration: LMDBConfiguration) {
        self.pool = pool
        self.queue = queue
        self.clock = configuration.clock
        self.sweepsByItself = configuration.role == .server
        self.committer = Mutex(Committer(environment, pool, configuration))
    }

    /// Returns when the queue is closed and all it accepted is complete. Call once.
    func run() {
        guard var committer = self.committer.withLock({ $0.take() }) else {
            preconditionFailure("one thread runs the loop")
        }
        var nextSweep = MonotonicTime.now() + Self.sweepInterval
        while true {
            switch self.queue.next(until: self.sweepsByItself ? nextSweep : nil) {
            case .group(let group):
                self.write(group, &committer)
            case .sweep(let sweep):
                sweep.completion(committer.sweep(limit: Self.sweepBatch))
            case .end:
                return
            case nil:
                break
            }
            // Also after a group: a queue that is never empty must not keep expired entries for ever.
            if self.sweepsByItself, MonotonicTime.now() >= nextSweep {
                let hasMore = self.sweepIfDue(&committer)
                nextSweep = MonotonicTime.now() + (hasMore ? Self.sweepPause : Self.sweepInterval)
            }
        }
    }

    private func write(_ group: [WriteQueue.Write], _ committer: inout Committer) {
        let results = committer.write(group.map(\.mutation))
        self.queue.release(group)
        for (write, result) in zip(group, results) {
            write.completion(result)
        }
    }

    /// Whether there may be more to sweep. A failure is left to the next round: the entries are invisible anyway, and a
    /// disk that fails shows in the next write.
    private func sweepIfDue(_ committer: inout Committer) -> Bool {
        committer.tick()
        let now = self.clock()
        let isDue = try? self.pool.withReader { reader throws(KVError) in try reader.hasExpired(now: now) }
        guard isDue == true, case .success(let count) = committer.sweep(limit: Self.sweepBatch) else {
            return false
        }
        return count == Self.sweepBatch
    }
}
