import EdgeRuntime
import Logging
import NIOPosix
import Synchronization

/// Loads the workers directory again when asked, on a thread of its own, one load at a time. Requests that come while a load is
/// under way are one more load after it.
final class Reloader: ImageLoader {
    private enum State {
        case idle
        case loading
        case loadingAndAsked
    }

    private let loader: DeploymentLoader
    private let lanes: LaneGroup
    private let thread: LazyThreadPool
    private let logger: Logger
    private let state = Mutex(State.idle)

    /// - Parameter thread: a pool of one thread.
    init(loader: DeploymentLoader, lanes: LaneGroup, thread: LazyThreadPool, logger: Logger) {
        self.loader = loader
        self.lanes = lanes
        self.thread = thread
        self.logger = logger
    }

    func request() {
        let begins = self.state.withLock { state in
            defer { state = state == .idle ? .loading : .loadingAndAsked }
            return state == .idle
        }
        if begins {
            self.thread.submit { _ in self.loadUntilQuiet() }
        }
    }

    func load(_ worker: Worker, _ done: @escaping @Sendable (LoadedWorker?) -> Void) {
        self.thread.submit { state in
            done(state == .active ? self.loaded(worker) : nil)
        }
    }

    private func loadUntilQuiet() {
        repeat {
            self.load()
        } while self.isAskedAgain()
    }

    private func isAskedAgain() -> Bool {
        self.state.withLock { state in
            defer { state = state == .loadingAndAsked ? .loading : .idle }
            return state == .loadingAndAsked
        }
    }

    /// The worker to serve in place of this one, whose image is not in memory: itself where the image can be read, else as it is
    /// built from its files now. To be called on the thread.
    private func loaded(_ worker: Worker) -> LoadedWorker? {
        if let loaded = LoadedWorker(worker) { return loaded }
        guard worker.image.isLost else { return nil }
        let isCurrent = self.lanes.current.worker(named: worker.name)?.image === worker.image
        if isCurrent {
            self.logger.notice(
                "the file of an image is missing or damaged: it is built anew",
                metadata: ["worker": "\(worker.name)"]
            )
            self.load()
        }
        return self.lanes.current.worker(named: worker.name).flatMap { LoadedWorker($0) }
    }

    private func load() {
        let before = self.lanes.current
        do {
            let next = try self.loader.load(after: before)
            try self.lanes.publish(next)
            self.loader.keep(next)
            for line in DeploymentText.lines(DeploymentChanges(from: before, to: next)) {
                Console.output.line(line)
            }
            let known = Set(before.diagnostics)
            for line in DeploymentText.lines(next.diagnostics.filter { !known.contains($0) }) {
                Console.error.line(line)
            }
        } catch {
            self.logger.error("reload failed: what was served before goes on", metadata: ["error": "\(error)"])
        }
    }
}
