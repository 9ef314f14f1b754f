import EdgeRuntime
import NIOCore
import NIOPosix

/// An event loop as a lane of the runtime.
final class EventLoopLane: Lane {
    let eventLoop: any EventLoop
    private let background: LazyThreadPool
    /// Longer than an event loop takes from one job to the next: it looks for input when none is due.
    private static let nextLook = TimeAmount.microseconds(20)

    init(eventLoop: any EventLoop, background: LazyThreadPool) {
        self.eventLoop = eventLoop
        self.background = background
    }

    func execute(_ job: @escaping @Sendable () -> Void) {
        self.eventLoop.execute(job)
    }

    func executeLater(_ job: @escaping () -> Void) {
        let loop = self.eventLoop.assumeIsolated()
        // After the jobs that are due now, which take longer than that.
        loop.execute { loop.scheduleTask(in: Self.nextLook, job) }
    }

    func offload(_ job: @escaping @Sendable () -> Void) {
        self.background.submit {
            BackgroundPriority.lowerOnce()
            job()
        }
    }

    func schedule(afterMilliseconds delay: Int, _ job: @escaping @Sendable () -> Void) -> any LaneTimer {
        ScheduledJob(self.eventLoop.scheduleTask(in: .milliseconds(Int64(delay)), job))
    }
}

private struct ScheduledJob: LaneTimer {
    private let scheduled: Scheduled<Void>

    init(_ scheduled: Scheduled<Void>) {
        self.scheduled = scheduled
    }

    func cancel() {
        self.scheduled.cancel()
    }
}
