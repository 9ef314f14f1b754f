import CIsolate

/// Writes flat messages: arguments of an entry, and replies to host calls.
///
/// A lane keeps one writer and empties it with ``removeAll()``, so that a warm request allocates nothing for its message.
/// Integers, lengths and counts are little endian, as the machine's.
// Unchecked Sendable: it owns its memory alone, can't be copied, and is used by one thread at a time.
public struct MessageWriter: ~Copyable, @unchecked Sendable {
    private static let initialCapacity = 1024
    /// The memory of a larger message is given back.
    private static let keptCapacity = 1 << 20

    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    public private(set) var count = 0

    public init() {
        self.capacity = Self.initialCapacity
        self.memory = .allocate(byteCount: Self.initialCapacity, alignment: 16)
    }

    deinit {
        self.memory.deallocate()
    }

    /// A copy of the message.
    public var bytes: [UInt8] {
        self.withUnsafeBytes { Array($0) }
    }

    /// Calls `body` with the message; the pointer is valid inside the call only.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(UnsafeRawBufferPointer(start: self.memory, count: self.count))
    }

    /// Empties the writer.
    public mutating func removeAll() {
        self.count = 0
        if self.capacity > Self.keptCapacity { self.move(toCapacity: Self.initialCapacity) }
    }

    /// Holds these bytes, a whole message that was written before.
    public mutating func replace(with message: [UInt8]) {
        self.count = 0
        self.reserve(message.count)
        message.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            self.memory.copyMemory(from: source, byteCount: bytes.count)
        }
        self.count = message.count
    }

    /// Begins a reply that returns `count` values; they follow.
    public mutating func beginReply(count: Int) {
        self.removeAll()
        self.append(byte: EDGE_REPLY_VALUES)
        self.beginArray(count: count)
    }

    /// A reply that raises an error in the guest.
    public mutating func failReply(_ message: String) {
        self.removeAll()
        self.append(byte: EDGE_REPLY_ERROR)
        self.write(message)
    }

    /// Begins an array; exactly `count` values must follow.
    public mutating func beginArray(count: Int) {
        self.append(tag: EDGE_TAG_ARRAY, count: count, room: 0)
    }

    /// Begins a table; exactly `count` pairs of a key and a value must follow.
    public mutating func beginTable(count: Int) {
        self.append(tag: EDGE_TAG_TABLE, count: count, room: 0)
    }

    public mutating func writeNil() {
        self.append(byte: EDGE_TAG_NIL)
    }

    public mutating func write(_ bool: Bool) {
        self.append(byte: bool ? EDGE_TAG_TRUE : EDGE_TAG_FALSE)
    }

    public mutating func write(_ integer: Int64) {
        self.append(tag: EDGE_TAG_INTEGER, word: UInt64(bitPattern: integer))
    }

    public mutating func write(_ number: Double) {
        self.append(tag: EDGE_TAG_NUMBER, word: number.bitPattern)
    }

    public mutating func write(_ string: UnsafeRawBufferPointer) {
        self.append(tag: EDGE_TAG_STRING, count: string.count, room: string.count)
        guard let source = string.baseAddress else { return }
        (self.memory + self.count).copyMemory(from: source, byteCount: string.count)
        self.count += string.count
    }

    public mutating func write(_ text: StaticString) {
        text.withUTF8Buffer { self.write(UnsafeRawBufferPointer($0)) }
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
            self.append(byte: EDGE_TAG_OPAQUE)
            self.append(byte: Int(MessageReader.typeCode(name)))
        }
    }

    /// Begins a string whose content follows through the other methods: a message inside a message. Returns a mark for
    /// ``endNested(_:)``.
    public mutating func beginNested() -> Int {
        self.append(tag: EDGE_TAG_STRING, count: 0, room: 0)
        return self.count
    }

    /// Ends the string begun at `mark`.
    public mutating func endNested(_ mark: Int) {
        precondition(mark >= 5 && mark <= self.count, "a mark lies in the message it came from")
        let count = UInt32(self.count - mark)
        self.memory.storeBytes(of: count.littleEndian, toByteOffset: mark - 4, as: UInt32.self)
    }

    private mutating func append(byte: Int) {
        self.reserve(1)
        self.memory.storeBytes(of: UInt8(byte), toByteOffset: self.count, as: UInt8.self)
        self.count += 1
    }

    /// - Parameter room: how many bytes will follow, so that the memory grows once.
    @inline(__always)
    private mutating func append(tag: Int, count: Int, room: Int) {
        self.reserve(5 + room)
        self.memory.storeBytes(of: UInt8(tag), toByteOffset: self.count, as: UInt8.self)
        self.memory.storeBytes(of: UInt32(count).littleEndian, toByteOffset: self.count + 1, as: UInt32.self)
        self.count += 5
    }

    private mutating func append(tag: Int, word: UInt64) {
        self.reserve(9)
        self.memory.storeBytes(of: UInt8(tag), toByteOffset: self.count, as: UInt8.self)
        self.memory.storeBytes(of: word.littleEndian, toByteOffset: self.count + 1, as: UInt64.self)
        self.count += 9
    }

    @inline(__always)
    private mutating func reserve(_ room: Int) {
        if self.capacity - self.count < room { self.grow(room) }
    }

    @inline(never)
    private mutating func grow(_ room: Int) {
        self.move(toCapacity: max(2 * self.capacity, self.count + room))
    }

    private mutating func move(toCapacity capacity: Int) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        memory.copyMemory(from: self.memory, byteCount: self.count)
        self.memory.deallocate()
        self.memory = memory
        self.capacity = capacity
    }
}
