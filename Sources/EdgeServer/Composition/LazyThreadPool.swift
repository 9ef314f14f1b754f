import NIOPosix
import Synchronization

/// Threads that are started when there is something for them to do: a server answers its first requests without them.
final class LazyThreadPool: Sendable {
    private enum State {
        case resting
        case running(NIOThreadPool)
        case closed
    }

    private let numberOfThreads: Int
    private let state = Mutex(State.resting)

    init(numberOfThreads: Int) {
        self.numberOfThreads = numberOfThreads
    }

    /// Runs a job on one of the threads. One that has not begun when they end never does: what waits for it ends with the process.
    func submit(_ job: @escaping @Sendable () -> Void) {
        self.running()?.submit(Self.unlessCancelled(job))
    }

    /// NIO's pool calls what it cancels as well, at any time, on any thread: what the job needs may be gone by then.
    static func unlessCancelled(_ job: @escaping @Sendable () -> Void) -> NIOThreadPool.WorkItem {
        { if $0 == .active { job() } }
    }

    private func running() -> NIOThreadPool? {
        self.state.withLock { state in
            switch state {
            case .resting:
                let pool = NIOThreadPool(numberOfThreads: self.numberOfThreads)
                pool.start()
                state = .running(pool)
                return pool
            case .running(let pool):
                return pool
            case .closed:
                return nil
            }
        }
    }

    /// Waits for the jobs under way and ends the threads.
    func close() throws {
        let before = self.state.withLock { state in
            defer { state = .closed }
            return state
        }
        if case .running(let pool) = before { try pool.syncShutdownGracefully() }
    }
}
