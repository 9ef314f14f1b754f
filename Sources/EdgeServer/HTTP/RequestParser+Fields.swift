import EdgeRuntime

extension RequestParser {
    /// One header line, or the empty line that ends the head. Returns false when its end has not arrived.
    mutating func parseFieldLine(
        _ input: UnsafeRawBufferPointer,
        _ offset: inout Int
    ) throws(HTTPRequestError) -> Bool {
        let line = try self.lines.nextLine(
            in: input,
            from: offset,
            maximum: min(self.limits.fieldLine, self.limits.head - self.headBytes),
            tooLong: .headTooLarge
        )
        guard let line else { return false }
        offset += line.count + 2
        self.headBytes += line.count + 2
        guard self.headBytes <= self.limits.head else { throw HTTPRequestError(.headTooLarge) }
        guard !line.isEmpty else {
            try self.finishHead()
            return true
        }
        guard self.request.head.fields.count < self.limits.fieldCount else { throw HTTPRequestError(.headTooLarge) }
        let (name, value) = try Self.splitField(line)
        let hadHost = self.framing.hasHost
        try self.framing.note(name: name, value: value)
        self.request.head.appendField(name: name, value: value)
        // The authority of an absolute target comes before the host field (RFC 9112, 3.2.2).
        if self.framing.hasHost, !hadHost, self.request.host == .empty, let field = self.request.head.fields.last {
            self.request.host = field.value
        }
        return true
    }

    private mutating func finishHead() throws(HTTPRequestError) {
        switch try self.framing.finish(isHTTP10: self.isHTTP10, maximumBody: self.limits.body) {
        case .none: self.state = .complete
        case .fixed(let length): self.state = .fixedBody(remaining: length)
        case .chunked: self.state = .chunkedBody(ChunkedBody())
        }
    }

    /// Takes a field line apart into its name and its trimmed value, both checked.
    static func splitField(
        _ line: UnsafeRawBufferPointer
    ) throws(HTTPRequestError) -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        guard !FieldText.isBlank(line[0]) else { throw HTTPRequestError(.foldedField) }
        guard let colon = FieldText.firstIndex(of: UInt8(ascii: ":"), in: line) else {
            throw HTTPRequestError(.missingColon)
        }
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        guard let last = name.last else { throw HTTPRequestError(.invalidFieldName) }
        guard ByteClass.token.containsAll(name) else {
            throw HTTPRequestError(FieldText.isBlank(last) ? .spaceBeforeColon : .invalidFieldName)
        }
        let value = FieldText.trimmed(UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]))
        guard FieldText.isValidValue(value) else { throw HTTPRequestError(.invalidFieldValue) }
        return (name, value)
    }
}
