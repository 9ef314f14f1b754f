import NIOCore

/// Output that waits for the client.
struct Backlog: Equatable {
    /// A count that grows by one with each byte the client takes; where it begins does not matter.
    var taken: Int
    /// Whether the server is short of memory for output.
    var isPressed = false
}

/// Whether a client takes what waits for it fast enough. A value without a clock: time comes from outside.
struct WriteStall {
    private var floor: RateFloor?
    private var takenBytes = 0
    private let timeouts: HTTPTimeouts

    init(timeouts: HTTPTimeouts) {
        self.timeouts = timeouts
    }

    /// Looks at the clock. Returns whether the client is too slow.
    ///
    /// - Parameters:
    ///   - backlog: nil when no output waits.
    mutating func sweep(now: NIODeadline, _ backlog: Backlog?) -> Bool {
        guard let backlog else {
            self.floor = nil
            return false
        }
        let terms = self.timeouts.writeTerms(isPressed: backlog.isPressed)
        guard var floor = self.floor else {
            self.floor = RateFloor(terms, now: now)
            self.takenBytes = backlog.taken
            return false
        }
        floor.moved(backlog.taken - self.takenBytes, now: now)
        floor.apply(terms, now: now)
        self.takenBytes = backlog.taken
        self.floor = floor
        return floor.isBroken(now: now)
    }
}
