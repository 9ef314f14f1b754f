import NIOCore

/// When a connection must leave its phase. A value type without a clock: time comes from outside.
struct ConnectionTimer {
    /// What a connection is doing.
    enum Phase: Equatable {
        /// Between requests; nothing of the next one has been parsed.
        case idle
        case head
        case body
        /// A request is with the application.
        case answering
        /// The last answer is being written; the output side closes after it.
        case closing
        /// The output side is closed; input is thrown away until the client closes.
        case lingering
        case closed
    }

    /// What a sweep has to do.
    enum Verdict: Equatable {
        case stay
        /// Answer 408, then close.
        case refuse
        case close
    }

    private(set) var phase = Phase.idle
    private var deadline: NIODeadline?
    private var stalledBytes: Int?
    private var stalledSince = NIODeadline.uptimeNanoseconds(0)
    private let timeouts: HTTPTimeouts

    /// - Parameters:
    ///   - now: the time of the last sweep; it may lie up to one sweep interval back.
    init(timeouts: HTTPTimeouts, now: NIODeadline) {
        self.timeouts = timeouts
        self.enter(.idle, now: now)
    }

    /// Begins a phase, also when the connection is in it already.
    mutating func enter(_ phase: Phase, now: NIODeadline) {
        self.phase = phase
        let timeout: TimeAmount? =
            switch phase {
            case .idle: self.timeouts.idle
            case .head: self.timeouts.head
            case .body: self.timeouts.body
            case .lingering: self.timeouts.linger
            case .answering, .closing, .closed: nil
            }
        // `now` may be late by one interval; nobody is timed out early.
        self.deadline = timeout.map { now + $0 + (self.timeouts.sweepInterval ?? .zero) }
    }

    /// Looks at the clock.
    ///
    /// - Parameters:
    ///   - waitingOutput: the bytes that wait for a client that does not take them; nil when it does.
    mutating func sweep(now: NIODeadline, waitingOutput: Int?) -> Verdict {
        if self.isStalled(now: now, waitingOutput: waitingOutput) { return .close }
        guard let deadline = self.deadline, now >= deadline else { return .stay }
        switch self.phase {
        case .head, .body: return .refuse
        case .idle, .lingering, .answering, .closing: return .close
        case .closed: return .stay
        }
    }

    private mutating func isStalled(now: NIODeadline, waitingOutput: Int?) -> Bool {
        guard let waitingOutput, self.phase != .closed else {
            self.stalledBytes = nil
            return false
        }
        if self.stalledBytes != waitingOutput {
            self.stalledBytes = waitingOutput
            self.stalledSince = now
        }
        return now - self.stalledSince >= self.timeouts.write
    }
}
