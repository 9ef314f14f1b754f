import EdgeIsolate

/// Why a handler's result is no response. The text is for the worker's author.
struct ResponseError: Error {
    var message: String

    init(_ message: String) {
        self.message = message
    }
}

/// Reads what a handler returned: a string, or a table `{ status =, headers =, body = }`.
enum ResponseBuilder {
    struct Response {
        var head: HTTPResponseHead
        /// Lies in the isolate's slot.
        var body = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// The head of a response that is only a string.
    static func makePlainText() -> HTTPResponseHead {
        var head = HTTPResponseHead(status: 200)
        head.fields.appendField(name: "content-type", value: "text/plain; charset=utf-8")
        return head
    }

    /// Reads the first value of `results`; the reader is before their array.
    static func read(_ results: MessageReader, plainText: HTTPResponseHead) throws(ResponseError) -> Response {
        try Self.reading(results) { reader in
            let count = try reader.beginArray()
            let kind = count > 0 ? try reader.peek() : .nil
            switch kind {
            case .string:
                return Response(head: plainText, body: try reader.readBytes())
            case .table, .array:
                return try Self.readTable(&reader, plainText)
            case .nil:
                throw ResponseError(
                    "the handler returned nothing: return a string, a table { status =, headers =, body = } "
                        + "or what a Response constructor makes"
                )
            default:
                throw ResponseError(
                    "the handler returned a \(try reader.readValue().typeName): return a string, a table "
                        + "{ status =, headers =, body = } or what a Response constructor makes"
                )
            }
        }
    }

    /// Reads the head of a streamed response: `arguments` are its status and its headers.
    static func readHead(_ arguments: MessageReader) throws(ResponseError) -> HTTPResponseHead {
        try Self.reading(arguments) { reader in
            let count = try reader.beginArray()
            var head = HTTPResponseHead(status: try Self.status(count > 0 ? try reader.readValue() : .nil))
            if count > 1 { try ResponseFields.read(&reader, into: &head.fields) }
            return head
        }
    }

    @inline(__always)
    private static func reading<R>(
        _ message: MessageReader,
        _ body: (inout MessageReader) throws -> R
    ) throws(ResponseError) -> R {
        var reader = message
        do {
            return try body(&reader)
        } catch let error as ResponseError {
            throw error
        } catch MessageError.tooManyValues {
            throw ResponseError(
                "the handler's result holds more than \(MessageReader.maximumValues) values: "
                    + "return the body as one string"
            )
        } catch {
            throw ResponseError("the handler's result could not be read")
        }
    }

    private static func readTable(_ reader: inout MessageReader, _ plainText: HTTPResponseHead) throws -> Response {
        guard try reader.peek() == .table else {
            // An empty table, or a list.
            guard try reader.beginArray() == 0 else {
                throw ResponseError(
                    "the handler returned a list: return a string or a table { status =, headers =, body = }; "
                        + "Response.json makes JSON of a list"
                )
            }
            return Response(head: plainText)
        }
        var response = Response(head: HTTPResponseHead(status: 200))
        for _ in 0..<(try reader.beginTable()) {
            guard try reader.peek() == .string else {
                throw Self.unknownField(try reader.readValue().typeName)
            }
            let name = try reader.readBytes()
            if name.equals("status") {
                response.head.status = try Self.status(try reader.readValue())
            } else if name.equals("headers") {
                try ResponseFields.read(&reader, into: &response.head.fields)
            } else if name.equals("body") {
                response.body = try Self.body(&reader)
            } else {
                throw Self.unknownField(String(decoding: name.prefix(64), as: UTF8.self))
            }
        }
        if !response.body.isEmpty, response.head.fields.first("content-type") == nil {
            response.head.fields.appendField(name: "content-type", value: "text/plain; charset=utf-8")
        }
        return response
    }

    private static func unknownField(_ name: String) -> ResponseError {
        ResponseError(
            "a response has the fields status, headers and body, not '\(name)'; Response.json makes JSON of a table"
        )
    }

    private static func body(_ reader: inout MessageReader) throws -> UnsafeRawBufferPointer {
        switch try reader.peek() {
        case .string:
            return try reader.readBytes()
        case .nil:
            try reader.skip()
            return UnsafeRawBufferPointer(start: nil, count: 0)
        default:
            throw ResponseError("the body of a response is a string, got a \(try reader.readValue().typeName)")
        }
    }

    private static func status(_ value: Value) throws(ResponseError) -> Int {
        let status: Int
        switch value {
        case .nil: return 200
        case .integer(let integer): status = Int(clamping: integer)
        case .number(let number):
            guard let whole = Int(exactly: number) else {
                throw ResponseError("the status of a response is a whole number, got \(number)")
            }
            status = whole
        default: throw ResponseError("the status of a response is a number, got a \(value.typeName)")
        }
        guard (200...599).contains(status) else {
            throw ResponseError("the status of a response is from 200 to 599, got \(status)")
        }
        return status
    }
}
