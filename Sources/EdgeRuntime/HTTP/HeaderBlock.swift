/// A run of bytes inside a ``HeaderBlock``: offset and length, both in bytes.
public struct ByteSpan: Sendable, Equatable {
    public var start: UInt32
    public var count: UInt32

    @inlinable
    public init(start: Int, count: Int) {
        self.start = UInt32(start)
        self.count = UInt32(count)
    }

    public static let empty = ByteSpan(start: 0, count: 0)

    @inlinable
    public var range: Range<Int> {
        Int(self.start)..<Int(self.start) + Int(self.count)
    }
}

/// The texts of one HTTP message head, in order of arrival, in a single buffer.
///
/// One head is one growing byte array and one array of spans. A connection keeps its block and empties it with
/// ``removeAll()``, so a request in a warm connection allocates nothing for its head.
///
/// Invariant: field names are lower case ASCII; every span lies inside ``bytes``.
public struct HeaderBlock: Sendable {
    /// One header field. The same name may occur several times.
    public struct Field: Sendable {
        public var name: ByteSpan
        public var value: ByteSpan
    }

    public private(set) var bytes: [UInt8] = []
    public private(set) var fields: [Field] = []

    public init() {}

    /// What it takes of memory for its content, in bytes.
    public var heldBytes: Int {
        self.bytes.count + self.fields.count * MemoryLayout<Field>.stride
    }

    /// Empties the block and keeps its memory.
    public mutating func removeAll() {
        self.bytes.removeAll(keepingCapacity: true)
        self.fields.removeAll(keepingCapacity: true)
    }

    /// Adds text that is no header field (a method, a path) and returns where it lies.
    public mutating func append(_ text: UnsafeRawBufferPointer) -> ByteSpan {
        let span = ByteSpan(start: self.bytes.count, count: text.count)
        self.bytes.append(contentsOf: text)
        return span
    }

    /// Adds text that is no header field (a method, a path) and returns where it lies.
    public mutating func append(_ text: String) -> ByteSpan {
        var text = text
        return text.withUTF8 { self.append(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a header field; the name is stored in lower case.
    public mutating func appendField(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let nameSpan = self.append(name)
        self.bytes.withUnsafeMutableBufferPointer { bytes in
            for index in nameSpan.range where bytes[index] &- 0x41 < 26 {
                bytes[index] |= 0x20
            }
        }
        self.fields.append(Field(name: nameSpan, value: self.append(value)))
    }

    /// Adds a header field; the name is stored in lower case.
    public mutating func appendField(name: String, value: String) {
        var (name, value) = (name, value)
        name.withUTF8 { name in
            value.withUTF8 { value in
                self.appendField(name: UnsafeRawBufferPointer(name), value: UnsafeRawBufferPointer(value))
            }
        }
    }

    /// The text of a span, with bytes that are not UTF-8 replaced.
    public func string(_ span: ByteSpan) -> String {
        String(decoding: self.bytes[span.range], as: UTF8.self)
    }

    /// Whether a span holds exactly this text.
    public func equals(_ span: ByteSpan, _ text: StaticString) -> Bool {
        self.withBytes(of: span) { $0.equals(text) }
    }

    /// The value of the first field of this lower-case name.
    public func first(_ name: StaticString) -> ByteSpan? {
        for field in self.fields where self.equals(field.name, name) {
            return field.value
        }
        return nil
    }

    /// Calls `body` with the bytes of a span; the pointer is valid inside the call only.
    @inlinable
    public func withBytes<R>(of span: ByteSpan, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try self.bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[span.range])) }
    }
}
