import EdgeRuntime
import NIOCore
import NIOPosix

/// An event loop as a lane of the runtime.
final class EventLoopLane: Lane {
    let eventLoop: any EventLoop
    private let background: LazyThreadPool

    init(eventLoop: any EventLoop, background: LazyThreadPool) {
        self.eventLoop = eventLoop
        self.background = background
    }

    func execute(_ job: @escaping @Sendable () -> Void) {
        self.eventLoop.execute(job)
    }

    func offload(_ job: @escaping @Sendable () -> Void) {
        self.background.submit { state in
            // A pool that is shutting down calls back at once, on this thread: the guest ends with the process.
            guard state == .active else { return }
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
