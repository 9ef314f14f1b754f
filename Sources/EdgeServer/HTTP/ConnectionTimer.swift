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
    /// In ``Phase/body``.
    private var bodyFloor: RateFloor?
    private var bodyBytes = 0
    private var writeStall: WriteStall
    private let timeouts: HTTPTimeouts

    /// - Parameters:
    ///   - now: the time of the last sweep; it may lie up to one sweep interval back.
    init(timeouts: HTTPTimeouts, now: NIODeadline) {
        self.timeouts = timeouts
        self.writeStall = WriteStall(timeouts: timeouts)
        self.enter(.idle, now: now)
    }

    /// Begins a phase, also when the connection is in it already.
    mutating func enter(_ phase: Phase, now: NIODeadline) {
        self.phase = phase
        let timeout: TimeAmount? =
            switch phase {
            case .idle: self.timeouts.idle
            case .head: self.timeouts.head
            case .body: self.timeouts.wholeBody
            case .lingering: self.timeouts.linger
            case .answering, .closing, .closed: nil
            }
        // `now` may be late by one interval; nobody is timed out early.
        self.deadline = timeout.map { now + $0 + self.timeouts.slack }
        guard phase == .body else { return }
        self.bodyFloor = RateFloor(self.timeouts.bodyTerms, now: now)
        self.bodyBytes = 0
    }

    /// More of the body has arrived: `count` bytes so far.
    mutating func bodyGrew(to count: Int, now: NIODeadline) {
        assert(self.phase == .body && count >= self.bodyBytes, "a body grows while it is read")
        self.bodyFloor?.moved(count - self.bodyBytes, now: now)
        self.bodyBytes = count
    }

    /// Gives an idle connection ``HTTPTimeouts/handoverIdle`` from now, if it has not less.
    mutating func hurryIdle(now: NIODeadline) {
        guard self.phase == .idle else { return }
        let soon = now + self.timeouts.handoverIdle + self.timeouts.slack
        self.deadline = self.deadline.map { min($0, soon) } ?? soon
    }

    /// Looks at the clock.
    ///
    /// - Parameters:
    ///   - backlog: nil when no output waits.
    mutating func sweep(now: NIODeadline, backlog: Backlog?) -> Verdict {
        if self.writeStall.sweep(now: now, self.phase == .closed ? nil : backlog) { return .close }
        let isOver = self.deadline.map { now >= $0 } ?? false
        switch self.phase {
        case .body where isOver || self.bodyFloor?.isBroken(now: now) == true: return .refuse
        case .head where isOver: return .refuse
        case .idle where isOver, .lingering where isOver: return .close
        default: return .stay
        }
    }
}
