// The lane's part in the requests that wait because it has fallen behind.
extension WorkerGateway {
    /// Whether a request of this worker has to wait.
    func isBehind(for worker: LaneWorker) -> Bool {
        self.backlog.isBehind && worker.withLoad { !$0.isShort }
    }

    /// Takes a request in that has to wait; where that is too many, one is refused.
    func wait(_ invocation: Invocation) {
        let wasEmpty = self.backlog.isEmpty
        switch self.backlog.add(invocation) {
        case .taken: break
        case .refused: invocation.end(.overloaded, failure: nil)
        // Not at once: its connection may be the one that is at work on the lane now.
        case .takenInsteadOf(let other): self.lane.execute { other.end(.overloaded, failure: nil) }
        }
        if wasEmpty, !self.backlog.isEmpty { self.lane.executeLater { self.runBacklog() } }
    }

    /// One slice of what waits.
    private func runBacklog() {
        let clock = self.services.clock
        let end = clock.monotonicNanoseconds() + self.backlog.sliceNanoseconds
        repeat {
            guard let (flow, invocation) = self.backlog.next() else { return }
            let before = RuntimeClock.threadCPUNanoseconds()
            invocation.takeTurn()
            self.backlog.finish(flow, usedNanoseconds: RuntimeClock.threadCPUNanoseconds() - before)
        } while clock.monotonicNanoseconds() < end
        if !self.backlog.isEmpty { self.lane.executeLater { self.runBacklog() } }
    }

    /// A request that was not short took so long on the lane.
    func note(turnNanoseconds: UInt64) {
        if self.backlog.note(turnNanoseconds) {
            self.lane.executeLater { self.backlog.turnEnded() }
        }
    }
}
