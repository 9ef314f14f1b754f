/// What waits for the writer thread: bounded in writes, in bytes and in sweeps.
final class WriteQueue: Sendable {
    struct Write: Sendable {
        let mutation: KVMutation
        let completion: @Sendable (Result<KVOutcome, KVError>) -> Void
    }

    struct Sweep: Sendable {
        let completion: @Sendable (Result<Int, KVError>) -> Void
    }

    enum Work {
        case group([Write])
        case sweep(Sweep)
        /// Closed, and nothing is left.
        case end
    }

    private struct State {
        var writes: [Write] = []
        /// Writes before this index have been taken.
        var firstWrite = 0
        var sweeps: [Sweep] = []
        /// Writes that are being committed count too: their memory is still held.
        var heldWrites = 0
        var heldBytes = 0
        var isClosed = false
    }

    private static let maximumSweeps = 64

    private let monitor = Monitor(State())
    private let maximumWrites: Int
    private let maximumBytes: Int
    private let maximumGroup: Int

    init(_ configuration: LMDBConfiguration) {
        self.maximumWrites = configuration.maximumQueuedWrites
        self.maximumBytes = configuration.maximumQueuedBytes
        self.maximumGroup = configuration.maximumGroup
    }

    /// - Returns: why the write was not accepted; its completion has not been called then.
    func add(_ write: Write) -> KVError? {
        let bytes = write.mutation.queuedBytes
        return self.monitor.signal { state in
            guard !state.isClosed else {
                return Self.closed
            }
            guard state.heldWrites < self.maximumWrites, state.heldBytes + bytes <= self.maximumBytes else {
                return KVError(
                    .overloaded,
                    "\(state.heldWrites) writes of \(state.heldBytes) bytes wait for the store already; try again later"
                )
            }
            state.heldWrites += 1
            state.heldBytes += bytes
            state.writes.append(write)
            return nil
        }
    }

    func add(_ sweep: Sweep) -> KVError? {
        self.monitor.signal { state in
            guard !state.isClosed else {
                return Self.closed
            }
            guard state.sweeps.count < Self.maximumSweeps else {
                return KVError(.overloaded, "\(state.sweeps.count) sweeps wait already; try again later")
            }
            state.sweeps.append(sweep)
            return nil
        }
    }

    /// Accepts nothing more; what was accepted is still given out.
    func close() {
        self.monitor.signal { $0.isClosed = true }
    }

    /// The next thing to do, nil where there was none by the deadline (ns of `MonotonicTime`).
    func next(until deadline: UInt64?) -> Work? {
        self.monitor.wait(until: deadline) { state in
            if state.firstWrite < state.writes.count {
                return .group(self.takeGroup(&state))
            }
            if !state.sweeps.isEmpty {
                return .sweep(state.sweeps.removeFirst())
            }
            return state.isClosed ? .end : nil
        }
    }

    /// Call when a group is durable or has failed, before its completions, which may write again.
    func release(_ group: [Write]) {
        let bytes = group.reduce(0) { $0 + $1.mutation.queuedBytes }
        self.monitor.withLock { state in
            state.heldWrites -= group.count
            state.heldBytes -= bytes
            assert(state.heldWrites >= 0 && state.heldBytes >= 0, "a group is released once")
        }
    }

    private static let closed = KVError(.closed, "the store is closed")

    private func takeGroup(_ state: inout State) -> [Write] {
        let end = min(state.writes.count, state.firstWrite + self.maximumGroup)
        let group = Array(state.writes[state.firstWrite..<end])
        state.firstWrite = end
        if end == state.writes.count {
            state.writes.removeAll(keepingCapacity: state.writes.capacity <= self.maximumGroup)
            state.firstWrite = 0
        }
        return group
    }
}
