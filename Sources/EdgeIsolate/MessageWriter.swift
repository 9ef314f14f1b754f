import CIsolate

/// Writes flat messages: arguments of an entry, and replies to host calls.
///
/// A lane keeps one writer and empties it with ``removeAll()``, so that a warm request allocates nothing for its message.
/// Integers, lengths and counts are little endian, as the machine's.
public struct MessageWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// Empties the writer; the memory of a large message is given back.
    public mutating func removeAll() {
        self.bytes.removeAll(keepingCapacity: self.bytes.count <= 1 << 20)
    }

    /// Holds these bytes, a whole message that was written before.
    public mutating func replace(with message: [UInt8]) {
        self.bytes = message
    }

    /// Begins a reply that returns `count` values; they follow.
    public mutating func beginReply(count: Int) {
        self.removeAll()
        self.bytes.append(UInt8(EDGE_REPLY_VALUES))
        self.beginArray(count: count)
    }

    /// A reply that raises an error in the guest.
    public mutating func failReply(_ message: String) {
        self.removeAll()
        self.bytes.append(UInt8(EDGE_REPLY_ERROR))
        self.write(message)
    }

    /// Begins an array; exactly `count` values must follow.
    public mutating func beginArray(count: Int) {
        self.bytes.append(UInt8(EDGE_TAG_ARRAY))
        self.appendCount(count)
    }

    /// Begins a table; exactly `count` pairs of a key and a value must follow.
    public mutating func beginTable(count: Int) {
        self.bytes.append(UInt8(EDGE_TAG_TABLE))
        self.appendCount(count)
    }

    public mutating func writeNil() {
        self.bytes.append(UInt8(EDGE_TAG_NIL))
    }

    public mutating func write(_ bool: Bool) {
        self.bytes.append(UInt8(bool ? EDGE_TAG_TRUE : EDGE_TAG_FALSE))
    }

    public mutating func write(_ integer: Int64) {
        self.bytes.append(UInt8(EDGE_TAG_INTEGER))
        self.appendRaw(UInt64(bitPattern: integer))
    }

    public mutating func write(_ number: Double) {
        self.bytes.append(UInt8(EDGE_TAG_NUMBER))
        self.appendRaw(number.bitPattern)
    }

    public mutating func write(_ string: UnsafeRawBufferPointer) {
        self.bytes.append(UInt8(EDGE_TAG_STRING))
        self.appendCount(string.count)
        self.bytes.append(contentsOf: string)
    }

    public mutating func write(_ string: String) {
        var string = string
        string.withUTF8 { self.write(UnsafeRawBufferPointer($0)) }
    }

    public mutating func write(_ string: [UInt8]) {
        string.withUnsafeBytes { self.write($0) }
    }

    /// Writes any value. An opaque one is for readers of the host only: a guest can't be given it.
    public mutating func write(_ value: Value) {
        switch value {
        case .nil: self.writeNil()
        case .bool(let bool): self.write(bool)
        case .integer(let integer): self.write(integer)
        case .number(let number): self.write(number)
        case .string(let bytes): self.write(bytes)
        case .array(let members):
            self.beginArray(count: members.count)
            for member in members {
                self.write(member)
            }
        case .table(let entries):
            self.beginTable(count: entries.count)
            for entry in entries {
                self.write(entry.key)
                self.write(entry.value)
            }
        case .opaque(let name):
            self.bytes.append(UInt8(EDGE_TAG_OPAQUE))
            self.bytes.append(MessageReader.typeCode(name))
        }
    }

    /// Begins a string of `count` bytes whose content follows through the other methods: a message inside a message.
    /// Returns a mark for ``endNested(_:)``.
    public mutating func beginNested() -> Int {
        self.bytes.append(UInt8(EDGE_TAG_STRING))
        self.appendCount(0)
        return self.bytes.count
    }

    /// Ends the string begun at `mark`.
    public mutating func endNested(_ mark: Int) {
        let count = UInt32(self.bytes.count - mark)
        for byte in 0..<4 {
            self.bytes[mark - 4 + byte] = UInt8(truncatingIfNeeded: count >> (8 * UInt32(byte)))
        }
    }

    private mutating func appendCount(_ count: Int) {
        let count = UInt32(count)
        withUnsafeBytes(of: count.littleEndian) { self.bytes.append(contentsOf: $0) }
    }

    private mutating func appendRaw(_ word: UInt64) {
        withUnsafeBytes(of: word.littleEndian) { self.bytes.append(contentsOf: $0) }
    }
}
