/// The requests that wait on their lane, because it has fallen behind.
///
/// An event loop serves all that has arrived before it looks for more. Where that is more than a slice's worth of work, the
/// rest waits here, and the lane looks after each slice for what has arrived meanwhile. Short requests never wait here: what
/// they cost is less than what it takes to put them off. The workers of longer ones share the slices fairly. A value type
/// without a clock; lives on its lane.
struct LaneBacklog {
    typealias Admission = FairQueue<ObjectIdentifier, Invocation>.Admission

    /// So many connections may wait; what a worker has waiting is bounded by time.
    private static let limits = FairQueue<ObjectIdentifier, Invocation>.Limits(total: 4096, perFlow: 4096)

    /// How long what waits may run before the lane looks for what has arrived.
    let sliceNanoseconds: UInt64
    private var queue = FairQueue<ObjectIdentifier, Invocation>(limits: Self.limits)
    private var waitingCount = 0
    /// Of the requests that were not short, since the lane last looked for more.
    private var turnNanoseconds: UInt64 = 0

    /// - Parameter guestNanoseconds: how long one guest may run on the lane; 0 for a lane that is never behind. Half of it is a slice: the
    ///   lane reads refused connections together as often as a guest's whole slice takes, and has to get round to other input in between.
    init(guestNanoseconds: UInt64) {
        self.sliceNanoseconds = guestNanoseconds / 2
    }

    /// Whether a request that is not short has to wait.
    var isBehind: Bool {
        self.waitingCount > 0 || (self.sliceNanoseconds > 0 && self.turnNanoseconds >= self.sliceNanoseconds)
    }

    var isEmpty: Bool { self.waitingCount == 0 }

    /// Takes the time of a request that was not short. Returns whether it is the first of its turn, whose end has then to be told.
    mutating func note(_ nanoseconds: UInt64) -> Bool {
        guard self.sliceNanoseconds > 0 else { return false }
        defer { self.turnNanoseconds += nanoseconds }
        return self.turnNanoseconds == 0
    }

    /// The lane looks for what has arrived.
    mutating func turnEnded() {
        self.turnNanoseconds = 0
    }

    mutating func add(_ invocation: Invocation) -> Admission {
        let load = invocation.worker.load
        let admission = self.queue.add(
            invocation,
            of: ObjectIdentifier(load),
            maximum: load.affordableWaiting(threads: 1)
        )
        if case .taken = admission { self.waitingCount += 1 }
        return admission
    }

    /// The request whose turn it is; ``finish(_:usedNanoseconds:)`` must follow.
    mutating func next() -> (flow: ObjectIdentifier, entry: Invocation)? {
        guard let next = self.queue.next() else { return nil }
        self.waitingCount -= 1
        return next
    }

    mutating func finish(_ flow: ObjectIdentifier, usedNanoseconds: UInt64) {
        self.queue.finish(flow, usedNanoseconds: usedNanoseconds)
    }
}
