import EdgeIsolate

/// Reads the header fields of a response where the guest has put them, without a copy of their own.
enum ResponseFields {
    static let maximumFields = 100
    static let maximumBytes = 64 << 10

    /// Reads the value that comes next: nil, or a table from names to values or to lists of values.
    static func read(_ reader: inout MessageReader, into fields: inout HeaderBlock) throws {
        switch try reader.peek() {
        case .nil:
            try reader.skip()
        case .table:
            // Empty lists, and fields that the server owns and that are left out, take no room: this bounds their number.
            var left = MessageReader.maximumValues
            for _ in 0..<(try reader.beginTable()) {
                try Self.readEntry(&reader, &left, into: &fields)
            }
        case .array:
            guard try reader.beginArray() == 0 else { throw Self.notATable("table") }
        default:
            throw Self.notATable(try reader.readValue().typeName)
        }
    }

    private static func notATable(_ typeName: String) -> ResponseError {
        ResponseError("the headers of a response are a table { [\"name\"] = value }, got a \(typeName)")
    }

    private static func readEntry(
        _ reader: inout MessageReader,
        _ left: inout Int,
        into fields: inout HeaderBlock
    ) throws {
        left -= 1
        guard left > 0 else { throw MessageError.tooManyValues }
        guard try reader.peek() == .string else {
            throw ResponseError("the name of a header is a string, got a \(try reader.readValue().typeName)")
        }
        let name = try reader.readBytes()
        guard HeaderSyntax.isToken(name) else {
            throw ResponseError("'\(HeaderSyntax.printable(name))' is no name for a header")
        }
        let isList = try reader.peek() == .array
        for _ in 0..<(isList ? try reader.beginArray() : 1) {
            left -= 1
            guard left > 0 else { throw MessageError.tooManyValues }
            try Self.readValue(&reader, of: name, into: &fields)
        }
    }

    private static func readValue(
        _ reader: inout MessageReader,
        of name: UnsafeRawBufferPointer,
        into fields: inout HeaderBlock
    ) throws {
        if try reader.peek() == .string {
            return try Self.append(name, try reader.readBytes(), to: &fields)
        }
        var text: String
        switch try reader.readValue() {
        case .integer(let integer): text = "\(integer)"
        case .number(let number): text = "\(number)"
        case let value:
            throw ResponseError(
                "the value of header '\(HeaderSyntax.printable(name))' is a string, got a \(value.typeName)"
            )
        }
        try text.withUTF8 { try Self.append(name, UnsafeRawBufferPointer($0), to: &fields) }
    }

    private static func append(
        _ name: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
        to fields: inout HeaderBlock
    ) throws(ResponseError) {
        guard fields.fields.count < Self.maximumFields, fields.bytes.count + value.count < Self.maximumBytes else {
            throw ResponseError(
                "a response has at most \(Self.maximumFields) headers of \(Self.maximumBytes >> 10) KB together"
            )
        }
        guard HeaderSyntax.isValue(value) else {
            throw ResponseError(
                "the value of header '\(HeaderSyntax.printable(name))' holds CR, LF, NUL or another control character"
            )
        }
        if !HeaderSyntax.isServerOwned(name) { fields.appendField(name: name, value: value) }
    }
}
