import EdgeIsolate

// The host calls of a guest. Each either writes its reply and returns true, or suspends the guest and returns false.
extension Invocation {
    private static let chunkBytes = 64 << 10

    private var binding: KVBinding {
        KVBinding(store: self.gateway.services.store, worker: self.worker)
    }

    /// Serves the most frequent calls without a copy of their arguments; false for what it leaves to the general way.
    func serveDirectly(_ operation: HostOperation, _ arguments: MessageReader) throws(BindingError) -> Bool {
        guard operation == .kvGet, let call = KVGetArguments(arguments) else { return false }
        guard try self.binding.get(call, &self.gateway.writer) else { return false }
        self.kvCalls += 1
        return true
    }

    func serve(
        _ operation: HostOperation,
        _ arguments: CallArguments,
        raw: MessageReader
    ) throws(BindingError) -> Bool {
        if operation.isKV {
            return try self.serveKV(operation, arguments)
        }
        switch operation {
        case .requestText, .requestChunk, .requestMultipart:
            try self.serveBody(operation, arguments)
        case .module:
            var requests = ModuleRequests(source: self.worker.source)
            requests.serve(arguments.values, reply: &self.gateway.writer)
        case .secret:
            try self.serveSecret(arguments)
        case .contextRemaining:
            self.gateway.writer.beginReply(count: 1)
            self.gateway.writer.write(Int64(self.remainingMilliseconds))
        case .sleep:
            return try self.sleep(arguments)
        case .fetch:
            throw BindingError("fetch: outbound requests are not available in this release of edgehost")
        case .responseWrite:
            return try self.writeChunk(arguments)
        default:
            try self.serveResponse(operation, arguments, raw)
        }
        return true
    }

    private func serveKV(_ operation: HostOperation, _ arguments: CallArguments) throws(BindingError) -> Bool {
        self.kvCalls += 1
        switch operation {
        case .kvGet:
            try self.binding.read(operation, arguments, &self.gateway.writer)
            return true
        case .kvGetMany, .kvList:
            try self.charging { () throws(BindingError) in
                try self.binding.read(operation, arguments, &self.gateway.writer)
            }
            return true
        default:
            let ticket = self.suspend()
            let lane = self.gateway.lane
            do throws(BindingError) {
                try self.binding.write(operation, arguments) { result in
                    lane.execute {
                        self.resume(ticket) { writer in
                            switch result {
                            case .success(let outcome): KVBinding.reply(outcome, &writer)
                            case .failure(let error): writer.failReply("\(operation.name): \(error.message)")
                            }
                        }
                    }
                }
            } catch {
                self.unsuspend()
                throw error
            }
            return false
        }
    }

    private func serveBody(_ operation: HostOperation, _ arguments: CallArguments) throws(BindingError) {
        guard case .fetch(let request, _) = self.event else {
            throw arguments.error("this event has no body")
        }
        switch operation {
        case .requestText:
            self.gateway.writer.beginReply(count: 1)
            self.gateway.writer.write(request.body)
        case .requestMultipart:
            let fields = try self.charging { () throws(BindingError) in
                try MultipartForm(contentType: arguments[0].text ?? "", body: request.body).fields()
            }
            self.gateway.writer.beginReply(count: 1)
            self.gateway.writer.write(fields)
        default:
            let offset = Int(clamping: try arguments.integer(0, "the offset", default: 0))
            self.gateway.writer.beginReply(count: 1)
            guard (0..<request.body.count).contains(offset) else {
                self.gateway.writer.writeNil()
                return
            }
            let end = min(request.body.count, offset + Self.chunkBytes)
            request.body.withUnsafeBytes {
                self.gateway.writer.write(UnsafeRawBufferPointer(rebasing: $0[offset..<end]))
            }
        }
    }

    private func serveSecret(_ arguments: CallArguments) throws(BindingError) {
        guard let name = arguments[0].text, self.worker.manifest.secrets.contains(name) else {
            throw BindingError("env: the worker has not declared this secret")
        }
        guard let value = self.gateway.services.secret(name) else {
            throw BindingError("env: the host has no secret \(name): set the environment variable of this name")
        }
        self.gateway.writer.beginReply(count: 1)
        self.gateway.writer.write(value)
    }

    private func sleep(_ arguments: CallArguments) throws(BindingError) -> Bool {
        let milliseconds: Double
        switch arguments[0] {
        case .integer(let integer): milliseconds = Double(integer)
        case .number(let number): milliseconds = number
        default: throw arguments.error("the time is a number of milliseconds, got a \(arguments[0].typeName)")
        }
        guard milliseconds >= 0 else { throw arguments.error("the time is not negative") }
        // Beyond the wall-time limit the limit ends the sleep.
        let bounded = Int(min(milliseconds, 1e9).rounded(.up))
        let ticket = self.suspend()
        self.sleepTimer = self.gateway.lane.schedule(afterMilliseconds: bounded) {
            self.sleepTimer = nil
            self.resume(ticket) { $0.beginReply(count: 0) }
        }
        return false
    }

    private func serveResponse(
        _ operation: HostOperation,
        _ arguments: CallArguments,
        _ raw: MessageReader
    ) throws(BindingError) {
        do throws(ResponseError) {
            switch operation {
            case .responseSend:
                try self.respond(raw)
            case .responseBegin:
                let head = try ResponseBuilder.readHead(raw)
                self.answer = .streaming(status: head.status)
                self.sink.begin(head)
            default:
                if case .streaming(let status) = self.answer {
                    self.answer = .streamed(status: status)
                    self.sink.finish()
                }
            }
        } catch {
            throw BindingError(error.message)
        }
        self.gateway.writer.beginReply(count: 0)
    }

    private func writeChunk(_ arguments: CallArguments) throws(BindingError) -> Bool {
        guard case .streaming = self.answer else {
            throw arguments.error("the response is complete")
        }
        let chunk = try arguments.string(0, "a piece of the body")
        let limit = self.worker.manifest.limits.responseBytes
        guard chunk.count <= limit - self.streamedBytes else {
            throw arguments.error("the response is larger than \(limit >> 20) MB, the limit of response_mb")
        }
        self.streamedBytes += chunk.count
        let ticket = self.suspend()
        let lane = self.gateway.lane
        chunk.withUnsafeBytes { chunk in
            self.sink.write(chunk) { written in
                // Not at once: the sink may call back before the guest counts as suspended.
                lane.execute {
                    self.resume(ticket) { writer in
                        if written {
                            writer.beginReply(count: 0)
                        } else {
                            writer.failReply("write: the client is gone")
                        }
                    }
                }
            }
        }
        return false
    }
}
