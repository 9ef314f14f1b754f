import EdgeIsolate

/// What one delivery came to: for logs, metrics and the console's receipt.
public struct InvocationReport: Sendable {
    /// `-` where no worker takes the request.
    public var worker: String
    public var requestID: RequestID
    public var outcome: Outcome
    /// The status that was sent.
    public var status: Int
    public var usage: Usage
    public var kvCalls: Int
    public var restoreNanoseconds: UInt64
    public var wallNanoseconds: UInt64
    /// What went wrong, with file and line where the script failed; nil for `ok`.
    public var failure: ScriptFailure?
}

/// One line that a guest logged.
public struct GuestLogRecord: Sendable {
    public enum Level: Int, Sendable {
        case debug, info, warn, error
    }

    public var worker: String
    public var requestID: String
    public var level: Level
    public var message: String
    public var fields: [(name: String, value: String)]
}

/// Where reports and guests' log lines go. Called on a lane: it must not block.
public protocol InvocationObserver: Sendable {
    /// Whether reports of this outcome are of use. The answer never changes, so that none is made that nobody reads.
    func observes(_ outcome: Outcome) -> Bool
    func report(_ report: InvocationReport)
    func log(_ record: GuestLogRecord)
}

extension InvocationObserver {
    public func observes(_ outcome: Outcome) -> Bool {
        true
    }
}
