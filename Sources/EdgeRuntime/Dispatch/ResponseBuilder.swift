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

    static let maximumFields = 100
    static let maximumHeaderBytes = 64 << 10

    /// The head of a response that is only a string.
    static func makePlainText() -> HTTPResponseHead {
        var head = HTTPResponseHead(status: 200)
        head.fields.appendField(name: "content-type", value: "text/plain; charset=utf-8")
        return head
    }

    /// Reads the first value of `results`; the reader is before their array.
    static func read(_ results: MessageReader, plainText: HTTPResponseHead) throws(ResponseError) -> Response {
        var reader = results
        do {
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

    /// Reads the head of a streamed response from its status and headers.
    static func readHead(status: Value, headers: Value) throws(ResponseError) -> HTTPResponseHead {
        var head = HTTPResponseHead(status: try Self.status(status))
        try Self.append(headers, to: &head.fields)
        return head
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
            let key = try reader.readValue()
            switch key.text {
            case "status":
                response.head.status = try Self.status(try reader.readValue())
            case "headers":
                try Self.append(try reader.readValue(), to: &response.head.fields)
            case "body":
                response.body = try Self.body(&reader)
            default:
                throw ResponseError(
                    "a response has the fields status, headers and body, not '\(key.text ?? key.typeName)'; "
                        + "Response.json makes JSON of a table"
                )
            }
        }
        if !response.body.isEmpty, response.head.fields.first("content-type") == nil {
            response.head.fields.appendField(name: "content-type", value: "text/plain; charset=utf-8")
        }
        return response
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

    private static func append(_ headers: Value, to fields: inout HeaderBlock) throws(ResponseError) {
        let entries: [Value.Entry]
        switch headers {
        case .nil: return
        case .array(let members) where members.isEmpty: return
        case .table(let table): entries = table
        default:
            throw ResponseError(
                "the headers of a response are a table { [\"name\"] = value }, got a \(headers.typeName)"
            )
        }
        for entry in entries {
            guard case .string(let name) = entry.key else {
                throw ResponseError("the name of a header is a string, got a \(entry.key.typeName)")
            }
            if case .array(let values) = entry.value {
                for value in values {
                    try Self.append(name, value, to: &fields)
                }
            } else {
                try Self.append(name, entry.value, to: &fields)
            }
        }
    }

    private static func append(_ name: [UInt8], _ value: Value, to fields: inout HeaderBlock) throws(ResponseError) {
        guard HeaderSyntax.isToken(name) else {
            throw ResponseError("'\(HeaderSyntax.printable(name))' is no name for a header")
        }
        let bytes: [UInt8]
        switch value {
        case .string(let string): bytes = string
        case .integer(let integer): bytes = Array("\(integer)".utf8)
        case .number(let number): bytes = Array("\(number)".utf8)
        default:
            throw ResponseError(
                "the value of header '\(HeaderSyntax.printable(name))' is a string, got a \(value.typeName)"
            )
        }
        guard HeaderSyntax.isValue(bytes) else {
            throw ResponseError(
                "the value of header '\(HeaderSyntax.printable(name))' holds CR, LF, NUL or another control character"
            )
        }
        guard fields.fields.count < Self.maximumFields, fields.bytes.count + bytes.count < Self.maximumHeaderBytes
        else {
            throw ResponseError(
                "a response has at most \(Self.maximumFields) headers of \(Self.maximumHeaderBytes >> 10) KB together"
            )
        }
        if !HeaderSyntax.isServerOwned(name) {
            name.withUnsafeBytes { name in bytes.withUnsafeBytes { fields.appendField(name: name, value: $0) } }
        }
    }
}
