import EdgeRuntime
import NIOCore
import NIOHPACK
import NIOHTTP2

/// From frames to requests.
extension HTTP2Connection {
    func receive(_ frame: HTTP2Frame) {
        switch frame.payload {
        case .headers(let headers):
            if let stream = self.streams[frame.streamID] {
                self.receiveTrailers(of: stream, isEnd: headers.endStream)
            } else {
                self.receiveHead(headers.headers, frame.streamID, isEnd: headers.endStream)
            }
        case .data(let data):
            guard let stream = self.streams[frame.streamID], case .byteBuffer(let buffer) = data.data else { return }
            self.receiveBody(buffer, of: stream, isEnd: data.endStream)
        case .ping(_, let isAnswer):
            // The client has seen what was announced before it: no stream is on its way that has not arrived.
            if isAnswer, self.goAway == .announced { self.finishGoAway() }
        case .rstStream, .settings, .windowUpdate, .goAway, .priority, .pushPromise, .alternativeService, .origin:
            break
        }
    }

    private func receiveHead(_ headers: HPACKHeaders, _ id: HTTP2StreamID, isEnd: Bool) {
        let stream = HTTP2Stream(id: id, connection: self)
        stream.isRequestWhole = isEnd
        stream.isHead = headers.first(name: ":method") == "HEAD"
        self.lastStreamID = id
        self.streams[id] = stream
        if self.timer.phase == .idle { self.timer.enter(.busy, now: self.lane.now) }
        do throws(HTTPRequestError) {
            let head = try HTTP2RequestHead(headers, limits: self.lane.configuration.limits)
            stream.request = head.request
            stream.request.isSecure = self.client.isSecure
            stream.request.remoteAddress = self.client.address
            self.inputBytes += stream.inputBytes
            if isEnd {
                self.take(stream)
            } else {
                self.admitBody(of: stream, head)
            }
        } catch {
            self.refuse(stream, error)
        }
    }

    /// Looks, before any of a body is read, whether it may come.
    private func admitBody(of stream: HTTP2Stream, _ head: HTTP2RequestHead) {
        let timeouts = self.lane.configuration.timeouts
        stream.bodyFloor = RateFloor(timeouts.bodyTerms, now: self.lane.now)
        stream.bodyDeadline = self.lane.now + timeouts.wholeBody + timeouts.slack
        stream.bodyLimit = self.lane.application.bodyLimit(for: stream.request)
        guard head.announcedBody ?? 0 <= stream.bodyLimit else { return self.refuseBody(of: stream) }
        let charge = self.makeInputCharge()
        let mayCome = head.announcedBody ?? .max <= HTTPConnection.uncountedInput || !charge.isFull
        stream.inputCharge = consume charge
        guard mayCome, stream.chargeInput() else { return self.refuse(stream, HTTPRequestError(.inputOverloaded)) }
        if head.expectsContinue { self.writeContinue(stream) }
    }

    func makeInputCharge() -> ByteCharge {
        ByteCharge(self.lane.budgets.input, account: self.lane.account(of: self))
    }

    /// The application answers a request whose body is too large; the rest of the body is not taken.
    private func refuseBody(of stream: HTTP2Stream) {
        self.forgetInput(of: stream)
        self.allowance.spend(HTTP2Allowance.perRefusal)
        self.running += 1
        stream.refuseBody(by: self.lane.application)
    }

    /// Trailers are read and left out, as with HTTP/1.1.
    private func receiveTrailers(of stream: HTTP2Stream, isEnd: Bool) {
        guard isEnd else { return self.reset(stream, .protocolError) }
        self.endBody(of: stream)
    }

    private func receiveBody(_ buffer: ByteBuffer, of stream: HTTP2Stream, isEnd: Bool) {
        if stream.phase == .receiving {
            self.allowance.earn(buffer.readableBytes)
            self.inputBytes += buffer.readableBytes
            buffer.withUnsafeReadableBytes { stream.request.body.append(contentsOf: $0) }
            stream.bodyFloor?.moved(buffer.readableBytes, now: self.lane.now)
            let isWithinBudget = stream.chargeInput()
            if stream.request.body.count > stream.bodyLimit {
                self.refuseBody(of: stream)
            } else if stream.request.body.count > self.lane.configuration.limits.body {
                self.refuse(stream, HTTPRequestError(.bodyTooLarge))
            } else if !isWithinBudget {
                self.refuse(stream, HTTPRequestError(.inputOverloaded))
            } else if self.inputBytes > self.lane.configuration.http2.waitingInput {
                self.refuse(stream, HTTPRequestError(.overloaded))
            }
        }
        if isEnd { self.endBody(of: stream) }
    }

    private func endBody(of stream: HTTP2Stream) {
        stream.isRequestWhole = true
        if stream.phase == .receiving { self.take(stream) }
    }

    /// A request is whole: it goes to the application now or in its turn.
    private func take(_ stream: HTTP2Stream) {
        stream.phase = .waiting
        if self.queue.isEmpty, self.hasRoom {
            self.dispatch(stream)
        } else if !stream.chargeInput() {
            return self.refuse(stream, HTTPRequestError(.inputOverloaded))
        } else {
            self.queue.append(stream)
            if self.hasCapacity { self.scheduleTurn() }
        }
        self.allowance.earn(HTTP2Allowance.perRequest)
    }

    /// The request leaves those that wait for their rest or their turn.
    func forgetInput(of stream: HTTP2Stream) {
        guard stream.phase == .receiving || stream.phase == .waiting else { return }
        self.inputBytes -= stream.inputBytes
        assert(self.inputBytes >= 0, "a request is counted once")
    }

    /// Whether one more request may begin: the client takes its answers, and not too many are being answered.
    private var hasCapacity: Bool {
        let limits = self.lane.configuration.http2
        return self.running < limits.concurrentStreams && self.unwritten < limits.waitingOutput
    }

    private var hasRoom: Bool {
        self.hasCapacity && self.turnCount < self.lane.configuration.http2.requestsPerTurn
    }

    private func dispatch(_ stream: HTTP2Stream) {
        self.running += 1
        self.turnCount += 1
        self.forgetInput(of: stream)
        stream.dispatch(to: self.lane.application)
    }

    /// Goes on with the queue and flushes, soon, but not inside the caller: calls of the application never nest.
    func scheduleTurn() {
        guard !self.isTurnScheduled else { return }
        self.isTurnScheduled = true
        self.lane.eventLoop.assumeIsolated().execute {
            self.turnCount = 0
            while !self.queue.isEmpty, self.hasRoom {
                let stream = self.queue.removeFirst()
                if !stream.isClosed { self.dispatch(stream) }
            }
            self.context?.flush()
            self.isTurnScheduled = false
            if !self.queue.isEmpty, self.hasCapacity { self.scheduleTurn() }
            self.closeIfDone()
        }
    }

    func requestLeftApplication() {
        self.running -= 1
        assert(self.running >= 0, "a request leaves the application once")
        if !self.queue.isEmpty { self.scheduleTurn() }
        self.settle()
    }

    /// The client's side ended: requests that are whole are answered.
    func inputClosed() {
        self.isInputClosed = true
        self.leaveGathering()
        guard self.timer.phase != .closing else { return self.closeNow() }
        for stream in self.streams.values where stream.phase == .receiving {
            self.reset(stream, .cancel)
        }
        self.closeIfDone()
    }

    func windowUpdated(_ event: NIOHTTP2WindowUpdatedEvent) {
        let limits = self.lane.configuration.http2
        guard let size = event.inboundWindowSize else { return }
        if event.streamID == .rootStream {
            if size <= limits.connectionWindow / 2 {
                self.widenWindow(of: .rootStream, from: size, to: limits.connectionWindow)
            }
        } else if size <= limits.streamWindow / 2, self.streams[event.streamID]?.phase == .receiving {
            self.widenWindow(of: event.streamID, from: size, to: limits.streamWindow)
        }
    }
}
