import NIOCore
import NIOHTTP2

/// The ways a stream and a connection end.
extension HTTP2Connection {
    /// Both sides are done with a stream, or one of them has reset it.
    func streamClosed(_ id: HTTP2StreamID) {
        guard let stream = self.streams.removeValue(forKey: id) else { return }
        self.forgetInput(of: stream)
        if stream.phase == .waiting { self.queue.removeAll { $0 === stream } }
        if stream.phase == .answered {
            stream.detach()
        } else {
            stream.lose()
        }
        self.settle()
    }

    func loseStreams() {
        let streams = self.streams.values
        self.streams = [:]
        self.queue.removeAll()
        self.inputBytes = 0
        for stream in streams { stream.lose() }
    }

    /// Looks whether the connection has nothing to do any more.
    func settle() {
        guard self.streams.isEmpty, self.running == 0, self.unwritten == 0 else { return }
        if self.timer.phase == .busy { self.timer.enter(.idle, now: self.lane.now) }
        // Not inside the caller, which may be in the middle of a write.
        if self.goAway == .final || self.isInputClosed { self.scheduleTurn() }
    }

    func closeIfDone() {
        guard self.streams.isEmpty, self.unwritten == 0, self.goAway == .final || self.isInputClosed else { return }
        self.closeOutput()
    }

    /// Tells the client that it misbehaves, and closes.
    func fail(_ code: HTTP2ErrorCode) {
        guard self.timer.phase != .closing, self.timer.phase != .closed else { return }
        self.writeGoAway(lastStreamID: self.lastStreamID, code)
        self.closeOutput()
    }

    /// Closes the output side once all is written, and reads on for a while: closing a socket that holds unread input resets it,
    /// and the client would lose what was sent last.
    func closeOutput() {
        guard let context = self.context, self.timer.phase != .closing, self.timer.phase != .closed else { return }
        self.timer.enter(.closing, now: self.lane.now)
        self.gate.shut()
        self.loseStreams()
        context.flush()
        if self.isInputClosed {
            // NIO would close at once, with output unwritten, if both sides were asked to close.
            self.gate.whenWritten { $0.close(promise: nil) }
        } else {
            let promise = context.eventLoop.makePromise(of: Void.self)
            context.close(mode: .output, promise: promise)
            promise.futureResult.assumeIsolated().whenFailure { _ in context.close(promise: nil) }
        }
    }

    func outputClosed() {
        guard self.timer.phase == .closing else { return }
        if self.isInputClosed {
            self.closeNow()
        } else {
            self.timer.enter(.closing, now: self.lane.now)
            self.context?.read()
        }
    }

    /// Asks the client to open no more streams. What it opens until it hears of it is served: the second GOAWAY, which says where
    /// that ends, follows its answer to a ping, or the next but one look at the clock.
    func drain(_ mode: DrainMode) {
        guard self.goAway == .none, self.timer.phase != .closing, self.timer.phase != .closed else { return }
        self.goAway = .announced
        self.announcedAt = self.lane.now
        self.gate.writeAnnouncement()
        self.write(.ping(HTTP2PingData(withInteger: 0x6564_6765_686f_7374), ack: false), on: .rootStream)
        self.flushSoon()
    }

    func finishGoAway() {
        guard self.goAway == .announced else { return }
        self.goAway = .final
        self.writeGoAway(lastStreamID: self.lastStreamID, .noError)
        self.flushSoon()
        self.settle()
    }

    private func writeGoAway(lastStreamID: HTTP2StreamID, _ code: HTTP2ErrorCode) {
        self.write(.goAway(lastStreamID: lastStreamID, errorCode: code, opaqueData: nil), on: .rootStream)
    }

    func sweep(now: NIODeadline) {
        guard let channel = self.context?.channel else { return }
        self.allowance.earn(HTTP2Allowance.perSweep)
        let buffered = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        // Once the connection closes, nothing is sent any more that waits for a window.
        let waiting = self.timer.phase == .closing ? buffered : self.unwritten + buffered
        var backlog: Backlog?
        if waiting > 0 {
            let taken = AcknowledgedBytes.count(of: channel) ?? self.sent - buffered
            // A little is no burden: over HTTP/1.1 it would not even count as waiting.
            let isPressed = waiting > HTTPConnection.smallOutput && self.lane.budgets.output.isPressed
            backlog = Backlog(taken: taken, isPressed: isPressed)
        }
        if self.lane.budgets.connections.isPressed { self.timer.hurryIdle(now: now) }
        if self.timer.sweep(now: now, backlog: backlog) {
            return self.timer.phase == .idle || self.timer.phase == .preface ? self.closeIdle() : self.closeNow()
        }
        if self.goAway == .announced, now - self.announcedAt >= Self.announcement { self.finishGoAway() }
        for stream in self.streams.values where stream.isBodyLate(now: now) {
            self.refuse(stream, HTTPRequestError(.requestTimeout))
        }
    }

    /// How long a client has to answer the ping that follows the first GOAWAY.
    private static var announcement: TimeAmount { .seconds(1) }

    private func closeIdle() {
        self.writeGoAway(lastStreamID: self.lastStreamID, .noError)
        self.closeOutput()
    }

    func closeNow() {
        self.context?.closeBelowTLS()
    }
}
