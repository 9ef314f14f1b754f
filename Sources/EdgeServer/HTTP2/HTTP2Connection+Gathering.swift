import NIOCore

/// While its lane refuses many requests, a connection that was refused last is read together with others.
extension HTTP2Connection: GatheredReader {
    func noteRefusal(_ isRefusal: Bool) {
        if isRefusal {
            self.lane.gathering.countRefusal()
            self.wasRefused = true
        } else if self.isReading {
            self.wasRefused = false
        }
    }

    /// Whether input need not be asked for now: it comes with that of others.
    func isReadLater() -> Bool {
        guard self.wasRefused, self.lane.gathering.isActive else { return false }
        switch self.timer.phase {
        case .idle, .busy: return self.lane.gathering.hold(self)
        case .preface, .closing, .closed: return false
        }
    }

    func leaveGathering() {
        if self.gatheringSlot >= 0 { self.lane.gathering.release(self) }
    }

    func readGathered() {
        self.leaveGathering()
        self.context?.read()
    }

    func gatheringEnded() {
        self.readMore()
    }
}
