import EdgeRuntime
import Synchronization

/// A lane without a thread: the test runs its jobs, its background jobs and its timers.
final class ManualLane: Lane {
    typealias Job = @Sendable () -> Void

    private struct Timer {
        var id: Int
        var due: UInt64
        var job: Job
    }

    private struct State {
        var jobs: [Job] = []
        var background: [Job] = []
        var timers: [Timer] = []
        var lastTimer = 0
    }

    private struct Handle: LaneTimer {
        let lane: ManualLane
        let id: Int

        func cancel() {
            self.lane.state.withLock { state in state.timers.removeAll { $0.id == self.id } }
        }
    }

    let clock: ManualClock
    private let state = Mutex(State())

    init(clock: ManualClock) {
        self.clock = clock
    }

    func execute(_ job: @escaping Job) {
        self.state.withLock { $0.jobs.append(job) }
    }

    func executeLater(_ job: @escaping () -> Void) {
        // It stays on this thread.
        nonisolated(unsafe) let job = job
        self.execute { job() }
    }

    func offload(_ job: @escaping Job) {
        self.state.withLock { $0.background.append(job) }
    }

    func schedule(afterMilliseconds delay: Int, _ job: @escaping Job) -> any LaneTimer {
        let due = self.clock.nanoseconds + UInt64(delay) * 1_000_000
        return self.state.withLock { state in
            state.lastTimer += 1
            state.timers.append(Timer(id: state.lastTimer, due: due, job: job))
            return Handle(lane: self, id: state.lastTimer)
        }
    }

    var timerCount: Int { self.state.withLock { $0.timers.count } }
    var backgroundCount: Int { self.state.withLock { $0.background.count } }

    /// Runs jobs of the lane until there are none.
    func runJobs() {
        while let job = self.take(\.jobs) { job() }
    }

    /// Runs one background job; false where there is none.
    func runBackgroundJob() -> Bool {
        guard let job = self.take(\.background) else { return false }
        job()
        return true
    }

    /// Forgets the background jobs, as when no thread wakes up for them.
    func loseBackgroundJobs() {
        self.state.withLock { $0.background = [] }
    }

    /// Runs jobs and background jobs until there are none.
    func runUntilQuiet() {
        repeat { self.runJobs() } while self.runBackgroundJob()
    }

    /// Turns the clock to the next timer and runs it; false where there is none.
    func runNextTimer() -> Bool {
        let timer = self.state.withLock { state -> Timer? in
            guard let next = state.timers.min(by: { ($0.due, $0.id) < ($1.due, $1.id) }) else { return nil }
            state.timers.removeAll { $0.id == next.id }
            return next
        }
        guard let timer else { return false }
        self.clock.advance(to: timer.due)
        timer.job()
        return true
    }

    private func take(_ queue: WritableKeyPath<State, [Job]> & Sendable) -> Job? {
        self.state.withLock { state in
            state[keyPath: queue].isEmpty ? nil : state[keyPath: queue].removeFirst()
        }
    }
}
