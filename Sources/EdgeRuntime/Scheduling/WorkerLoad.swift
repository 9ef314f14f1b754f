import Synchronization

/// What is known of one worker's requests over all lanes: how many are in progress, and how long they hold a thread.
final class WorkerLoad: Sendable {
    /// A worker whose turns take longer than this starts on a background thread: on a lane it would delay others, and the
    /// way to a background thread and back costs a few percent of it.
    private static let heavyNanoseconds: UInt64 = 500_000
    /// One long turn must not mark a worker for long.
    private static let maximumSample: UInt64 = 16_000_000

    private let active = Atomic(0)
    /// Moving average of the CPU time of a turn, in ns. Updates of two threads at once may lose one; it is an estimate.
    private let turnNanoseconds = Atomic<UInt64>(0)

    /// Counts a request in, unless `maximum` are in progress; ``leave()`` must follow if it does.
    func enter(maximum: Int) -> Bool {
        if self.active.add(1, ordering: .relaxed).newValue <= maximum { return true }
        self.leave()
        return false
    }

    func leave() {
        let active = self.active.subtract(1, ordering: .relaxed).newValue
        assert(active >= 0, "a request left twice")
    }

    /// Whether its requests start on a background thread.
    var isHeavy: Bool {
        self.turnNanoseconds.load(ordering: .relaxed) > Self.heavyNanoseconds
    }

    /// What one of its turns is expected to take, in ns.
    var expectedTurnNanoseconds: UInt64 {
        self.turnNanoseconds.load(ordering: .relaxed)
    }

    /// Takes one turn's CPU time into account.
    func observe(turnNanoseconds sample: UInt64) {
        let average = self.turnNanoseconds.load(ordering: .relaxed)
        let bounded = min(sample, Self.maximumSample)
        let next = bounded > average ? average + (bounded - average) / 4 : average - (average - bounded) / 4
        if next != average {
            self.turnNanoseconds.store(next, ordering: .relaxed)
        }
    }
}
