/// A Lua value outside of Lua: what a flat message holds.
///
/// A Lua table is `.array` when its keys are 1...n in order (the empty table too), `.table` otherwise. Functions, threads
/// and userdata appear as `.opaque` with the name of their type where a message may hold them at all.
public indirect enum Value: Sendable, Equatable {
    case `nil`
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    /// Lua strings are bytes.
    case string([UInt8])
    case array([Value])
    case table([Entry])
    case opaque(String)

    /// One key and its value. Keys are strings, integers, numbers or booleans.
    public struct Entry: Sendable, Equatable {
        public var key: Value
        public var value: Value

        public init(key: Value, value: Value) {
            self.key = key
            self.value = value
        }
    }
}

extension Value {
    /// A string value of this text's UTF-8 bytes.
    public static func text(_ text: String) -> Value {
        .string(Array(text.utf8))
    }

    /// The text of a string value, bytes that are not UTF-8 replaced; nil for any other value.
    public var text: String? {
        guard case .string(let bytes) = self else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The name of the value's Lua type: `nil`, `boolean`, `number`, `string`, `table`, or the opaque type's name.
    public var typeName: String {
        switch self {
        case .nil: "nil"
        case .bool: "boolean"
        case .integer, .number: "number"
        case .string: "string"
        case .array, .table: "table"
        case .opaque(let name): name
        }
    }
}
