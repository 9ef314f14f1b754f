import CIsolate

/// Reads flat messages. The bytes may come from a heap that was killed in the middle of a write, so nothing in them is
/// trusted: every method throws ``MessageError`` rather than read past the end.
///
/// The reader points into the isolate's slot: it is valid until the isolate is stepped or restored.
public struct MessageReader {
    /// The most values that one ``readValue()`` makes. A byte of a message can be a value of a hundred bytes here, made in
    /// time that is the host's: the guest must not choose how many.
    public static let maximumValues = 10_000

    private var rest: UnsafeRawBufferPointer

    public init(_ bytes: UnsafeRawBufferPointer) {
        self.rest = bytes
    }

    public var isAtEnd: Bool { self.rest.isEmpty }

    /// What kind of value comes next.
    public enum Kind: Equatable {
        case `nil`, bool, integer, number, string, array, table, opaque
    }

    /// The kind of the next value, which stays unread.
    public func peek() throws(MessageError) -> Kind {
        guard let tag = self.rest.first else { throw MessageError.truncated }
        switch Int(tag) {
        case EDGE_TAG_NIL: return .nil
        case EDGE_TAG_FALSE, EDGE_TAG_TRUE: return .bool
        case EDGE_TAG_INTEGER: return .integer
        case EDGE_TAG_NUMBER: return .number
        case EDGE_TAG_STRING: return .string
        case EDGE_TAG_ARRAY: return .array
        case EDGE_TAG_TABLE: return .table
        case EDGE_TAG_OPAQUE: return .opaque
        default: throw MessageError.malformed
        }
    }

    /// Reads the head of an array and returns how many values follow.
    public mutating func beginArray() throws(MessageError) -> Int {
        guard try self.peek() == .array else { throw MessageError.unexpected }
        return try self.readCount()
    }

    /// Reads the head of a table and returns how many pairs follow.
    public mutating func beginTable() throws(MessageError) -> Int {
        guard try self.peek() == .table else { throw MessageError.unexpected }
        return try self.readCount()
    }

    /// Reads a string; the bytes lie in the isolate's slot.
    public mutating func readBytes() throws(MessageError) -> UnsafeRawBufferPointer {
        guard try self.peek() == .string else { throw MessageError.unexpected }
        return try self.take(self.readCount())
    }

    public mutating func readInteger() throws(MessageError) -> Int64 {
        guard try self.peek() == .integer else { throw MessageError.unexpected }
        return Int64(bitPattern: try self.readWord())
    }

    /// Reads one value of any kind into memory of its own. Throws ``MessageError/tooManyValues`` where it holds more than
    /// ``maximumValues``.
    public mutating func readValue() throws(MessageError) -> Value {
        var left = Self.maximumValues
        return try self.readValue(depth: 0, &left)
    }

    /// Passes over one value of any kind and size.
    public mutating func skip() throws(MessageError) {
        var pending = 1
        while pending > 0 {
            pending -= 1
            switch try self.peek() {
            case .nil, .bool: _ = try self.take(1)
            case .opaque: _ = try self.take(2)
            case .integer, .number: _ = try self.take(9)
            case .string: _ = try self.readBytes()
            case .array: pending += try self.readCount()
            case .table: pending += 2 * (try self.readCount())
            }
        }
    }

    private mutating func readValue(depth: Int, _ left: inout Int) throws(MessageError) -> Value {
        // The message itself is an array; values nested to the full depth lie in it, and their members below them.
        guard depth <= Int(EDGE_MESSAGE_DEPTH) + 1 else { throw MessageError.malformed }
        guard left > 0 else { throw MessageError.tooManyValues }
        left -= 1
        switch try self.peek() {
        case .nil:
            _ = try self.take(1)
            return .nil
        case .bool:
            return .bool(Int(try self.take(1)[0]) == EDGE_TAG_TRUE)
        case .integer: return .integer(try self.readInteger())
        case .number: return .number(Double(bitPattern: try self.readWord()))
        case .string: return .string(Array(try self.readBytes()))
        case .opaque:
            return .opaque(Self.typeName(try self.take(2)[1]))
        case .array:
            let count = try self.readCount()
            var members: [Value] = []
            members.reserveCapacity(min(count, 1024))
            for _ in 0..<count {
                members.append(try self.readValue(depth: depth + 1, &left))
            }
            return .array(members)
        case .table:
            let count = try self.readCount()
            var entries: [Value.Entry] = []
            entries.reserveCapacity(min(count, 1024))
            for _ in 0..<count {
                let key = try self.readValue(depth: depth + 1, &left)
                entries.append(.init(key: key, value: try self.readValue(depth: depth + 1, &left)))
            }
            return .table(entries)
        }
    }

    /// Reads a tag byte and the count behind it.
    private mutating func readCount() throws(MessageError) -> Int {
        Int(try self.take(5).loadUnaligned(fromByteOffset: 1, as: UInt32.self))
    }

    /// Reads a tag byte and the eight bytes behind it.
    private mutating func readWord() throws(MessageError) -> UInt64 {
        try self.take(9).loadUnaligned(fromByteOffset: 1, as: UInt64.self)
    }

    private mutating func take(_ count: Int) throws(MessageError) -> UnsafeRawBufferPointer {
        guard count <= self.rest.count else { throw MessageError.truncated }
        let taken = UnsafeRawBufferPointer(rebasing: self.rest[..<count])
        self.rest = UnsafeRawBufferPointer(rebasing: self.rest[count...])
        return taken
    }

    /// Lua's number of the type.
    static func typeCode(_ name: String) -> UInt8 {
        switch name {
        case "table": 5
        case "function": 6
        case "thread": 8
        default: 7
        }
    }

    private static func typeName(_ code: UInt8) -> String {
        switch code {
        case 5: "table"
        case 6: "function"
        case 8: "thread"
        default: "userdata"
        }
    }
}

/// Why bytes are not the flat message that was expected.
public enum MessageError: Error, Equatable {
    case truncated
    case malformed
    /// The message is sound, but another kind of value was due.
    case unexpected
    /// More than ``MessageReader/maximumValues``.
    case tooManyValues
}
