import Synchronization

/// What is known of one worker's requests over all lanes: how many wait or run in the background, and how long they hold a thread.
final class WorkerLoad: Sendable {
    /// A worker whose turns take longer than this starts on a background thread: on a lane it would delay others, and the
    /// way to a background thread and back costs a few percent of it.
    private static let heavyNanoseconds: UInt64 = 500_000
    /// Turns up to this are short: to put one off until the lane has looked for others would cost a good part of it.
    private static let shortTurnNanoseconds: UInt64 = 100_000
    /// How long a new request may have to wait, by what is known of its worker; with a longer wait before it, it is refused.
    private static let maximumWaitNanoseconds: UInt64 = 1_000_000_000
    /// So many may always wait.
    private static let minimumWaiting = 8
    /// Turns below this are all the same: to tell them apart would be a write to shared memory with each request.
    private static let shortNanoseconds: UInt64 = 50_000
    /// One long turn must not mark a worker for long.
    private static let maximumSample: UInt64 = 16_000_000

    private let active = Atomic(0)
    /// Moving average of the CPU time of a turn, in ns. Updates of two threads at once may lose one; it is an estimate.
    private let turnNanoseconds = Atomic<UInt64>(0)

    /// Whether one more request may begin. Those that have not had to wait yet are not counted: of them each lane has one at
    /// most, so that there may be that many more.
    func admits(maximum: Int) -> Bool {
        self.active.load(ordering: .relaxed) < maximum
    }

    /// Counts a request in that is not over at once; ``leave()`` must follow.
    func enter() {
        self.active.add(1, ordering: .relaxed)
    }

    func leave() {
        let active = self.active.subtract(1, ordering: .relaxed).newValue
        assert(active >= 0, "a request left twice")
    }

    /// Whether its requests start on a background thread.
    var isHeavy: Bool {
        self.turnNanoseconds.load(ordering: .relaxed) > Self.heavyNanoseconds
    }

    /// Whether its requests are served at once also on a lane that has fallen behind.
    var isShort: Bool {
        self.turnNanoseconds.load(ordering: .relaxed) <= Self.shortTurnNanoseconds
    }

    /// How many of its new requests may wait for so many threads.
    func affordableWaiting(threads: Int) -> Int {
        let turn = max(1, self.turnNanoseconds.load(ordering: .relaxed))
        return max(Self.minimumWaiting, Int(clamping: Self.maximumWaitNanoseconds * UInt64(threads) / turn))
    }

    /// Takes one turn's CPU time into account.
    func observe(turnNanoseconds sample: UInt64) {
        let average = self.turnNanoseconds.load(ordering: .relaxed)
        if sample <= Self.shortNanoseconds, average <= Self.shortNanoseconds { return }
        let bounded = min(sample, Self.maximumSample)
        let next = bounded > average ? average + (bounded - average) / 4 : average - (average - bounded) / 4
        if next != average {
            self.turnNanoseconds.store(next, ordering: .relaxed)
        }
    }
}
