import EdgeIsolate

/// Reads the log records a guest left in its heap.
enum GuestLog {
    /// Hands each record to the observer; stops at the first that a kill cut short.
    static func forward(
        _ log: MessageReader,
        worker: String,
        requestID: RequestID?,
        to observer: any InvocationObserver
    ) {
        var reader = log
        while !reader.isAtEnd {
            guard let (level, message, fields) = try? Self.record(&reader) else { return }
            observer.log(
                GuestLogRecord(
                    worker: worker,
                    requestID: requestID?.description ?? "",
                    level: GuestLogRecord.Level(rawValue: Int(level)) ?? .info,
                    message: message,
                    fields: fields
                )
            )
        }
    }

    private static func record(
        _ reader: inout MessageReader
    ) throws(MessageError) -> (level: Int64, message: String, fields: [(name: String, value: String)]) {
        guard try reader.beginArray() == 3 else { throw MessageError.unexpected }
        let level = try reader.readInteger()
        let message = String(decoding: try reader.readBytes(), as: UTF8.self)
        var fields = reader
        try reader.skip()
        do {
            return (level, message, Self.fields(try fields.readValue()))
        } catch MessageError.tooManyValues {
            return (level, message, [("fields", "(more than \(MessageReader.maximumValues) values)")])
        }
    }

    private static func fields(_ value: Value) -> [(name: String, value: String)] {
        switch value {
        case .table(let entries):
            entries.map { ($0.key.display, $0.value.display) }
        case .array(let members):
            members.enumerated().map { (String($0.offset + 1), $0.element.display) }
        default:
            []
        }
    }
}

extension Value {
    /// The value for a log line.
    fileprivate var display: String {
        switch self {
        case .nil: "nil"
        case .bool(let bool): "\(bool)"
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        case .array(let members): "{" + members.map(\.display).joined(separator: ", ") + "}"
        case .table(let entries):
            "{" + entries.map { "\($0.key.display) = \($0.value.display)" }.joined(separator: ", ") + "}"
        case .opaque(let name): name
        }
    }
}
