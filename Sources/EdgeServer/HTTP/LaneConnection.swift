import NIOCore

/// How a listener ends.
public enum DrainMode: Sendable {
    /// The server stops: idle connections close at once.
    case stop
    /// Another process has taken the listening socket over. A client may be about to send its next request on an idle
    /// connection, so that lives until then, or until ``HTTPTimeouts/handoverIdle`` has passed.
    case handover
}

/// A connection as its lane sees it. All calls come on the lane's event loop.
protocol LaneConnection: AnyObject {
    /// Its place in the lane's list, kept by the lane; -1 outside it.
    var laneSlot: Int { get set }
    /// Ends what has stayed in its phase for too long.
    func sweep(now: NIODeadline)
    /// Closes now if idle and the mode says so, else soon. May be called again with another mode.
    func drain(_ mode: DrainMode)
    /// Closes without regard to what is under way.
    func closeNow()
}
