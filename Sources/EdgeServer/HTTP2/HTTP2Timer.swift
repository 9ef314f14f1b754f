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
    /// Where waiting output stood when its present interval began.
    private var interval: (start: NIODeadline, delivered: Int, required: Int)?
    private let timeouts: HTTPTimeouts
    private let minimumOutput: Int

    /// - Parameter now: the time of the last sweep; it may lie up to one sweep interval back.
    init(timeouts: HTTPTimeouts, minimumOutput: Int, now: NIODeadline) {
        self.timeouts = timeouts
        self.minimumOutput = minimumOutput
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
        self.deadline = timeout.map { now + $0 + (self.timeouts.sweepInterval ?? .zero) }
    }

    /// Whether the connection must close.
    ///
    /// - Parameters:
    ///   - waiting: bytes of output that the client has not taken; 0 when it has taken all.
    ///   - delivered: bytes of output that the client has taken since the connection began.
    mutating func sweep(now: NIODeadline, waiting: Int, delivered: Int) -> Bool {
        if self.isStalled(now: now, waiting: waiting, delivered: delivered) { return true }
        guard let deadline = self.deadline, now >= deadline else { return false }
        return self.phase != .closing || waiting == 0
    }

    /// Each interval must bring some progress, so that a client can't hold a response by taking a byte now and then.
    private mutating func isStalled(now: NIODeadline, waiting: Int, delivered: Int) -> Bool {
        guard waiting > 0, self.phase != .closed else {
            self.interval = nil
            return false
        }
        if let interval = self.interval {
            guard now - interval.start >= self.timeouts.write else { return false }
            if delivered - interval.delivered < interval.required { return true }
        }
        self.interval = (now, delivered, min(self.minimumOutput, waiting))
        return false
    }
}
