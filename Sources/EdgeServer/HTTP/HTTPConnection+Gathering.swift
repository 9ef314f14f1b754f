import NIOCore

/// While its lane refuses many requests, a connection that was refused last is read together with others.
extension HTTPConnection: GatheredReader {
    func noteRefusal(_ isRefusal: Bool) {
        if isRefusal {
            self.lane.gathering.countRefusal()
            self.wasRefused = true
        } else if self.isProcessing {
            // It had not to wait, so that its worker has room. One that had says nothing about the next.
            self.wasRefused = false
        }
    }

    /// Whether input need not be asked for now: it comes with that of others, or the answer under way tells whether it does.
    func isReadLater() -> Bool {
        guard self.lane.gathering.isActive else { return false }
        switch self.phase {
        case .answering:
            self.isReadOwed = true
            return true
        case .idle where self.wasRefused && self.parser.isAtStart && self.waiting.readableBytes == 0:
            return self.lane.gathering.hold(self)
        case .idle, .head, .body, .closing, .lingering, .closed: return false
        }
    }

    func leaveGathering() {
        if self.gatheringSlot >= 0 { self.lane.gathering.release(self) }
    }

    func readGathered() {
        guard self.takesInput, let socket = self.socket else { return self.readAlone() }
        var buffer = ByteBuffer()
        swap(&buffer, &self.lane.gathering.buffer)
        buffer.clear(minimumCapacity: self.lane.configuration.limits.largestRead)
        if socket.read(into: &buffer) {
            self.receive(&buffer)
            self.readMore()
        } else {
            self.readAlone()
        }
        self.lane.gathering.buffer = buffer
    }

    /// The channel reads, which knows ends, errors and TLS.
    private func readAlone() {
        self.leaveGathering()
        if self.takesInput { self.context?.read() }
    }

    func gatheringEnded() {
        self.readMore()
    }
}
