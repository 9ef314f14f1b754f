/// A thread that owns connections, isolates and invocations: in a server, an event loop.
///
/// What belongs to a lane is touched on the lane only, so the request path needs no locks.
public protocol Lane: AnyObject, Sendable {
    /// Runs a job on the lane, soon; may be called from any thread.
    func execute(_ job: @escaping @Sendable () -> Void)
    /// Runs a job on the lane after it has looked for what has arrived meanwhile. To be called on the lane.
    func executeLater(_ job: @escaping () -> Void)
    /// Runs a job on a background thread, off the lane: a guest that outlived its slice.
    func offload(_ job: @escaping @Sendable () -> Void)
    /// Runs a job on the lane after some time, unless it is cancelled. To be called on the lane.
    func schedule(afterMilliseconds delay: Int, _ job: @escaping @Sendable () -> Void) -> any LaneTimer
}

/// A job that was scheduled.
public protocol LaneTimer {
    func cancel()
}
