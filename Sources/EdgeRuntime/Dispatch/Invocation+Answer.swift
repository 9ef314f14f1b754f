import EdgeIsolate

// The answer to an event: the worker's own, or the host's where the worker gave none.
extension Invocation {
    /// Which limit ended the guest, and where it is set.
    func explain(_ outcome: Outcome) -> ScriptFailure {
        let limits = self.worker.manifest.limits
        let text =
            switch outcome {
            case .exceededCPU: "it used up its \(limits.cpuMicroseconds / 1000) ms of CPU time (limits.cpu_ms)"
            case .exceededWallTime: "it took longer than \(limits.wallMilliseconds) ms (limits.wall_ms)"
            case .exceededMemory: "it needed more than \(limits.memoryBytes >> 20) MB of memory (limits.memory_mb)"
            case .exceededHostCalls: "it made more than \(limits.hostCalls) host calls (limits.host_calls)"
            default: "the virtual machine failed"
            }
        return ScriptFailure(message: "\(self.worker.file): \(text)", traceback: "")
    }

    func finish(_ results: MessageReader) {
        guard case .none = self.answer else {
            self.end(.ok, failure: nil)
            return
        }
        do throws(ResponseError) {
            try self.respond(results)
            self.end(.ok, failure: nil)
        } catch {
            self.end(.exception, failure: ScriptFailure(message: error.message, traceback: ""))
        }
    }

    /// Sends what a handler returned.
    func respond(_ results: MessageReader) throws(ResponseError) {
        var response = try ResponseBuilder.read(results, plainText: self.gateway.plainText)
        let limit = self.laneWorker.limits.responseBytes
        guard response.body.count <= limit else {
            throw ResponseError("the response is larger than \(limit >> 20) MB, the limit of response_mb")
        }
        if case .fetch(let request, _) = self.event, Preconditions.isNotModified(request, response.head) {
            response.head.status = 304
            response.body = UnsafeRawBufferPointer(start: nil, count: 0)
        }
        if self.gateway.services.isDevelopment {
            self.addTimings(to: &response.head)
        }
        self.answer = .sent(status: response.head.status)
        self.sink.respond(response.head, body: response.body)
    }

    private func addTimings(to head: inout HTTPResponseHead) {
        let wall = self.gateway.services.clock.monotonicNanoseconds() - self.startNanoseconds
        let cpu = self.cpuNanoseconds
        let parts = [("restore", self.restoreNanoseconds), ("cpu", cpu), ("wall", wall)]
        let text = parts.map { "\($0.0);dur=\(Double($0.1 / 100) / 10_000)" }.joined(separator: ", ")
        head.fields.appendField(name: "server-timing", value: text)
    }

    /// Answers in the worker's place where it has not; returns the status that was sent.
    func answerFailure(_ outcome: Outcome, _ failure: ScriptFailure?) -> Int {
        switch self.answer {
        case .sent(let status), .streamed(let status):
            return status
        case .streaming(let status):
            self.sink.abort()
            return status
        case .none where outcome == .overloaded && failure == nil:
            let refusal = self.laneWorker.refusal
            refusal.withBody(of: self.requestID) { self.sink.respond(refusal.head, body: $0) }
            return outcome.status
        case .none:
            let detail = failure.map { $0.traceback.isEmpty ? $0.message : "\($0.message)\n\($0.traceback)" }
            let document = ProblemDocument(
                outcome: outcome,
                worker: self.worker.name,
                requestID: self.requestID,
                detail: self.gateway.services.isDevelopment ? detail : nil
            )
            document.body.withUnsafeBytes { self.sink.respond(document.head, body: $0) }
            return outcome.status
        }
    }
}
