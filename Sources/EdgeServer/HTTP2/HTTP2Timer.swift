import NIOCore

/// When an HTTP/2 connection has been in one state for too long. A value type without a clock: time comes from outside.
struct HTTP2Timer {
    enum Phase: Equatable {
        /// The client has not sent its first frame.
        case preface
        /// No request is open.
        case idle
        case busy
        /// The output side closes or is closed.
        case closing
        case closed
    }

    private(set) var phase = Phase.preface
    private var deadline: NIODeadline?
    private var writeStall: WriteStall
    private let timeouts: HTTPTimeouts

    /// - Parameter now: the time of the last sweep; it may lie up to one sweep interval back.
    init(timeouts: HTTPTimeouts, now: NIODeadline) {
        self.timeouts = timeouts
        self.writeStall = WriteStall(timeouts: timeouts)
        self.enter(.preface, now: now)
    }

    mutating func enter(_ phase: Phase, now: NIODeadline) {
        self.phase = phase
        let timeout: TimeAmount? =
            switch phase {
            case .preface: self.timeouts.head
            case .idle: self.timeouts.idle
            case .closing: self.timeouts.linger
            case .busy, .closed: nil
            }
        // `now` may be late by one interval; nobody is timed out early.
        self.deadline = timeout.map { now + $0 + self.timeouts.slack }
    }

    /// Gives an idle connection ``HTTPTimeouts/handoverIdle`` from now, if it has not less.
    mutating func hurryIdle(now: NIODeadline) {
        guard self.phase == .idle else { return }
        let soon = now + self.timeouts.handoverIdle + self.timeouts.slack
        self.deadline = self.deadline.map { min($0, soon) } ?? soon
    }

    /// Whether the connection must close.
    ///
    /// - Parameters:
    ///   - backlog: nil when no output waits.
    mutating func sweep(now: NIODeadline, backlog: Backlog?) -> Bool {
        if self.writeStall.sweep(now: now, self.phase == .closed ? nil : backlog) { return true }
        guard let deadline = self.deadline, now >= deadline else { return false }
        return self.phase != .closing || backlog == nil
    }
}
