/// Commits for the writer thread, and sees to the store when the disk fails a commit: opens it again where LMDB gives up,
/// and lets writes in again when the disk works.
struct Committer {
    private let pool: ReaderPool
    private let clock: KVClock
    private let maximumBytes: Int
    private let report: @Sendable (StoreNotice) -> Void
    /// nil while the store can't be opened again; `opener` is set then.
    private var environment: Environment?
    private var opener: (@Sendable () throws(KVError) -> Environment)?
    private var fault = WriteFault()
    /// A start does not wait for the disk, so the first commit does.
    private var areNamesDurable = false

    init(_ environment: Environment, _ pool: ReaderPool, _ configuration: LMDBConfiguration) {
        self.environment = environment
        self.pool = pool
        self.clock = configuration.clock
        self.maximumBytes = configuration.maximumBytes
        self.report = configuration.report
    }

    /// The results of the mutations, in their order; those that succeeded are durable.
    mutating func write(_ mutations: [KVMutation]) -> [Result<KVOutcome, KVError>] {
        self.tryAgainIfDue()
        if let refusal = self.fault.refusal {
            return Array(repeating: .failure(refusal), count: mutations.count)
        }
        do throws(KVError) {
            return try self.commit { transaction throws(KVError) in
                var results: [Result<KVOutcome, KVError>] = []
                results.reserveCapacity(mutations.count)
                for mutation in mutations {
                    results.append(try transaction.apply(mutation))
                }
                return results
            }
        } catch {
            // One that the disk has no room for, or that meets damage, must not fail the others.
            guard mutations.count > 1, self.fault.error == nil else {
                return Array(repeating: .failure(error), count: mutations.count)
            }
            return mutations.flatMap { self.write([$0]) }
        }
    }

    /// Deletes expired entries, at most `limit`; how many they were.
    mutating func sweep(limit: Int) -> Result<Int, KVError> {
        self.tryAgainIfDue()
        if let refusal = self.fault.refusal {
            return .failure(refusal)
        }
        do throws(KVError) {
            return .success(try self.commit { transaction throws(KVError) in try transaction.sweep(limit: limit) })
        } catch {
            return .failure(error)
        }
    }

    /// To be called now and then, also without writes.
    mutating func tick() {
        self.tryAgainIfDue()
        self.environment?.clearStaleReaders()
    }

    private mutating func commit<Value>(
        _ body: (inout WriteTransaction) throws(KVError) -> Value
    ) throws(KVError) -> Value {
        do throws(KVError) {
            return try self.transact(body)
        } catch {
            // No name may hold the environment here: it has to close before it is opened again.
            if self.environment?.isLost == true {
                self.fail(error)
                self.openAgain()
            } else if error.code == .io || error.code == .permissionDenied {
                self.fail(error)
            }
            throw error
        }
    }

    private mutating func transact<Value>(
        _ body: (inout WriteTransaction) throws(KVError) -> Value
    ) throws(KVError) -> Value {
        guard let environment = self.environment else {
            preconditionFailure("there is a fault while the store is not open")
        }
        let limit = self.maximumBytes
        var transaction = try WriteTransaction(environment, self.pool, maximumBytes: limit, now: self.clock())
        let value = try body(&transaction)
        if !self.areNamesDurable {
            try environment.makeNamesDurable()
            self.areNamesDurable = true
        }
        try transaction.commit()
        return value
    }

    private mutating func fail(_ error: KVError) {
        if self.fault.error == nil {
            self.report(.writesRefused(error))
        }
        self.fault.fail(error, now: MonotonicTime.now())
    }

    private mutating func tryAgainIfDue() {
        guard self.fault.isDue(now: MonotonicTime.now()) else {
            return
        }
        if self.environment == nil {
            self.openAgain()
        }
        do throws(KVError) {
            guard self.environment != nil else {
                return
            }
            // Two, for the two meta pages: each is then on the disk as it is in memory.
            for _ in 0..<2 {
                try self.commit { transaction throws(KVError) in transaction.touch() }
            }
            self.fault.clear()
            self.report(.writesResumed)
        } catch {
            self.fail(error)
        }
    }

    /// Reads go on with what was last committed. What LMDB failed to commit may turn out to be so.
    private mutating func openAgain() {
        let opener = self.opener ?? self.environment?.opener()
        guard let opener else {
            preconditionFailure("a store that is not open has what opens it")
        }
        self.pool.suspend()
        self.environment = nil
        self.areNamesDurable = false
        do throws(KVError) {
            let environment = try opener()
            self.environment = environment
            self.opener = nil
            self.pool.resume(.success(environment))
        } catch {
            self.opener = opener
            self.pool.resume(.failure(error))
            self.fail(error)
        }
    }
}
