import EdgeRuntime

/// Parses HTTP/1.0 and HTTP/1.1 requests by RFC 9112, strictly, from input that arrives in pieces of any size.
///
/// The caller shows all its unread input, drops what was consumed, and shows the rest again with what came after it.
/// The parser keeps no pointer. Whatever the pieces, the same bytes give the same request or the same error.
struct RequestParser {
    /// What came of a call of ``parse(_:)``.
    enum Progress: Equatable {
        case needsMore
        /// The head is whole and a body follows: ``bodyLimit`` may be set now. Comes once, for requests with a body only.
        case bodyFollows
        /// ``request`` is whole. Input after it was not touched. ``reset()`` comes next.
        case complete
        case failed(HTTPRequestError)
    }

    enum State {
        case requestLine
        case fields
        case fixedBody(remaining: Int)
        case chunkedBody(ChunkedBody)
        case complete
    }

    let limits: HTTPLimits
    /// Internal setters of this and the next are for the extensions in this folder.
    var request = HTTPRequest()
    var state = State.requestLine
    var lines = LineScanner()
    var framing = MessageFraming()
    /// Bytes of the head so far, line ends included.
    var headBytes = 0
    private var hasSkippedEmptyLine = false
    private(set) var isHead = false
    /// The most bytes the body of this request may have; beyond it parsing fails. Begins as ``HTTPLimits/body`` with
    /// each request.
    var bodyLimit: Int

    init(limits: HTTPLimits, remoteAddress: String) {
        precondition(limits.requestLine + 2 <= limits.head, "a request line must fit into a head")
        self.limits = limits
        self.bodyLimit = limits.body
        self.request.remoteAddress = remoteAddress
    }

    var isComplete: Bool {
        if case .complete = self.state { true } else { false }
    }

    /// Whether the head is whole and the body is not.
    var isReceivingBody: Bool {
        switch self.state {
        case .fixedBody, .chunkedBody: true
        case .requestLine, .fields, .complete: false
        }
    }

    /// Whether nothing of the next request has been consumed. (An empty line before it is nothing.)
    var isAtStart: Bool {
        if case .requestLine = self.state { true } else { false }
    }

    /// The length of a body whose head says it; nil for a chunked one.
    var announcedBody: Int? {
        if case .fixedBody(let remaining) = self.state { self.request.body.count + remaining } else { nil }
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    var awaitsContinue: Bool {
        self.framing.expectsContinue && !self.isHTTP10 && self.isReceivingBody
    }

    var isHTTP10: Bool {
        self.request.version.minor == 0
    }

    /// Whether the client lets the connection live after the answer.
    var allowsKeepAlive: Bool {
        !self.framing.saysClose && (!self.isHTTP10 || self.framing.saysKeepAlive)
    }

    /// Consumes input up to the end of the request.
    mutating func parse(_ input: UnsafeRawBufferPointer) -> (consumed: Int, progress: Progress) {
        var offset = 0
        do throws(HTTPRequestError) {
            while true {
                let isOver: Bool
                switch self.state {
                case .requestLine:
                    isOver = try !self.parseRequestLine(input, &offset)
                case .fields:
                    isOver = try !self.parseFieldLine(input, &offset)
                    if self.isReceivingBody { return (offset, .bodyFollows) }
                case .fixedBody(let remaining):
                    isOver = !self.takeFixedBody(input, &offset, remaining: remaining)
                case .chunkedBody(let body):
                    isOver = try !self.parseChunked(body, input, &offset)
                case .complete:
                    return (offset, .complete)
                }
                if isOver { return (offset, .needsMore) }
            }
        } catch {
            return (offset, .failed(error))
        }
    }

    /// Makes ready for the next request of the connection. Memory is kept unless the last request was large.
    mutating func reset() {
        self.state = .requestLine
        self.framing = MessageFraming()
        self.headBytes = 0
        self.hasSkippedEmptyLine = false
        self.bodyLimit = self.limits.body
        if self.request.head.bytes.capacity > 4096 {
            self.request.head = HeaderBlock()
        } else {
            self.request.head.removeAll()
        }
        self.request.body.removeAll(keepingCapacity: self.request.body.capacity <= 4096)
    }

    /// Each step returns false when it needs more input than there is.
    private mutating func parseRequestLine(
        _ input: UnsafeRawBufferPointer,
        _ offset: inout Int
    ) throws(HTTPRequestError) -> Bool {
        guard offset < input.count else { return false }
        let first = input[offset]
        // Garbage (a TLS handshake, say) is refused at its first byte: it may never hold a line feed.
        guard ByteClass.token.contains(first) || first == 0x0d || first == 0x0a else {
            throw HTTPRequestError(.invalidMethod)
        }
        let line = try self.lines.nextLine(
            in: input,
            from: offset,
            maximum: self.limits.requestLine,
            tooLong: .requestLineTooLong
        )
        guard let line else { return false }
        offset += line.count + 2
        if line.isEmpty {
            guard !self.hasSkippedEmptyLine else { throw HTTPRequestError(.emptyRequestLine) }
            self.hasSkippedEmptyLine = true
            return true
        }
        self.headBytes = line.count + 2
        let parts = try RequestLine(line)
        let isOptions = FieldText.equalsExactly(parts.method, "OPTIONS")
        let target = try RequestTarget(parts.target, isOptions: isOptions)
        self.isHead = FieldText.equalsExactly(parts.method, "HEAD")
        self.request.version = (1, parts.minorVersion)
        self.request.method = self.request.head.append(parts.method)
        self.store(parts.target, target, isOptions: isOptions)
        self.state = .fields
        return true
    }

    private mutating func store(_ text: UnsafeRawBufferPointer, _ target: RequestTarget, isOptions: Bool) {
        let base = Int(self.request.head.append(text).start)
        self.request.query = ByteSpan(start: base + target.query.lowerBound, count: target.query.count)
        self.request.host = .empty
        if let host = target.host {
            self.request.host = ByteSpan(start: base + host.lowerBound, count: host.count)
        }
        if target.path.isEmpty {
            // RFC 9112, 3.2.4: OPTIONS of an absolute target without path and query asks about the server.
            self.request.path = self.request.head.append(isOptions && target.query.isEmpty ? "*" : "/")
        } else {
            self.request.path = ByteSpan(start: base + target.path.lowerBound, count: target.path.count)
        }
    }

    private mutating func takeFixedBody(
        _ input: UnsafeRawBufferPointer,
        _ offset: inout Int,
        remaining: Int
    ) -> Bool {
        let count = min(remaining, input.count - offset)
        guard count > 0 else { return false }
        self.request.body.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[offset..<(offset + count)]))
        offset += count
        self.state = count == remaining ? .complete : .fixedBody(remaining: remaining - count)
        return true
    }
}
