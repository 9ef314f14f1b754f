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
    private let console: ServerOutput
    private let logger: Logger
    private let state = Mutex(State.idle)

    /// - Parameter thread: a pool of one thread.
    init(loader: DeploymentLoader, lanes: LaneGroup, thread: LazyThreadPool, console: ServerOutput, logger: Logger) {
        self.loader = loader
        self.lanes = lanes
        self.thread = thread
        self.console = console
        self.logger = logger
    }

    func request() {
        let begins = self.state.withLock { state in
            defer { state = state == .idle ? .loading : .loadingAndAsked }
            return state == .idle
        }
        if begins {
            self.thread.submit { self.loadUntilQuiet() }
        }
    }

    func load(_ worker: Worker, _ done: @escaping @Sendable (LoadedWorker?) -> Void) {
        self.thread.submit { done(self.loaded(worker)) }
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

    /// The worker to serve in place of this one, whose image is not in memory: itself where the image can be read, else what it is
    /// restored to. To be called on the thread.
    private func loaded(_ worker: Worker) -> LoadedWorker? {
        if let loaded = LoadedWorker(worker) { return loaded }
        guard worker.image.isLost, let current = self.lanes.current.worker(named: worker.name) else { return nil }
        return current.image === worker.image ? self.restore(current) : LoadedWorker(current)
    }

    private func restore(_ worker: Worker) -> LoadedWorker? {
        let name: Logger.Metadata = ["worker": "\(worker.name)"]
        self.logger.notice("the file of an image is missing, damaged or another: it is made good", metadata: name)
        guard let restored = self.loader.restore(worker) else {
            self.logger.error("it can't be made good: SIGHUP loads the workers as they are now", metadata: name)
            return nil
        }
        let next = self.lanes.current.replacing(with: restored.worker)
        do {
            try self.lanes.publish(next)
            self.loader.keep(restored, in: next)
        } catch {
            self.logger.error("what was made good serves one request only", metadata: ["error": "\(error)"])
        }
        return restored
    }

    private func load() {
        let before = self.lanes.current
        do {
            let next = try self.loader.load(after: before)
            try self.lanes.publish(next)
            self.loader.keep(next, insteadOf: before)
            for line in DeploymentText.lines(DeploymentChanges(from: before, to: next)) {
                self.console.output.line(line)
            }
            let known = Set(before.diagnostics)
            for line in DeploymentText.lines(next.diagnostics.filter { !known.contains($0) }) {
                self.console.errors.line(line)
            }
        } catch {
            self.logger.error("reload failed: what was served before goes on", metadata: ["error": "\(error)"])
        }
    }
}
