import Glibc
import Synchronization

/// A lane on the benchmark's own thread, for one invocation at a time: what it puts off runs in ``runNext()``.
final class BenchmarkLane: Lane {
    private typealias Job = @Sendable () -> Void

    private struct Timer: LaneTimer {
        let lane: BenchmarkLane
        let number: Int

        func cancel() {
            self.lane.state.withLock { state in
                state.timers.removeAll { $0.number == self.number }
            }
        }
    }

    private struct Scheduled {
        var number: Int
        var due: UInt64
        var job: Job
    }

    private struct State {
        var jobs: [Job] = []
        var timers: [Scheduled] = []
        var lastNumber = 0
    }

    private enum Next {
        case job(Job)
        case timer(Scheduled)
    }

    /// One invocation waits for one thing at a time; more than a few mean that jobs are not run.
    private static let maximumPending = 64

    private let state = Mutex(State())

    func execute(_ job: @escaping @Sendable () -> Void) {
        self.state.withLock { state in
            precondition(state.jobs.count < Self.maximumPending)
            state.jobs.append(job)
        }
    }

    func executeLater(_ job: @escaping () -> Void) {
        // It stays on this thread.
        nonisolated(unsafe) let job = job
        self.execute { job() }
    }

    /// There is no other thread: the slices of a long request follow one another on this one.
    func offload(_ job: @escaping @Sendable () -> Void) {
        self.execute(job)
    }

    func schedule(afterMilliseconds delay: Int, _ job: @escaping @Sendable () -> Void) -> any LaneTimer {
        let due = Stopwatch.now() + UInt64(delay) * 1_000_000
        let number = self.state.withLock { state in
            precondition(state.timers.count < Self.maximumPending)
            state.lastNumber += 1
            state.timers.append(Scheduled(number: state.lastNumber, due: due, job: job))
            return state.lastNumber
        }
        return Timer(lane: self, number: number)
    }

    /// Runs the oldest job, or waits for the first timer and runs that. One of them must be pending.
    func runNext() {
        switch self.takeNext() {
        case .job(let job):
            job()
        case .timer(let timer):
            Self.wait(until: timer.due)
            timer.job()
        case nil:
            preconditionFailure("an invocation that has not ended waits for a job or a timer")
        }
    }

    private func takeNext() -> Next? {
        self.state.withLock { state in
            if !state.jobs.isEmpty {
                return .job(state.jobs.removeFirst())
            }
            guard let first = state.timers.indices.min(by: { state.timers[$0].due < state.timers[$1].due }) else {
                return nil
            }
            return .timer(state.timers.remove(at: first))
        }
    }

    private static func wait(until due: UInt64) {
        var time = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
        // The guard's tick may still interrupt the wait.
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}
