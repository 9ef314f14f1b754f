import Glibc
import NIOPosix

/// Lets a command end early and in order when it is interrupted.
final class InterruptWatch {
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let signals: SignalWaiter

    /// Call it before any thread is started: all inherit the blocked signals.
    init() throws(SupervisorError) {
        self.signals = try SignalWaiter(nil)
    }

    /// - Parameter interrupted: called on a thread of its own at the first of SIGINT, SIGTERM and SIGHUP, or at ``close()``.
    func start(_ interrupted: @escaping @Sendable () -> Void) {
        self.thread.start()
        let signals = self.signals
        self.thread.submit { _ in
            _ = signals.next()
            interrupted()
            // The second one ends a command that hangs.
            signals.release()
        }
    }

    /// Ends the thread.
    func close() {
        kill(getpid(), SIGHUP)
        try? self.thread.syncShutdownGracefully()
    }
}
