import EdgeIsolate
import Testing

/// The bytes may come from a heap that was killed in the middle of a write: any bytes are read or refused.
@Suite struct MessageReaderTests {
    private static func read(_ bytes: [UInt8]) throws -> Value {
        try bytes.withUnsafeBytes { bytes in
            var reader = MessageReader(bytes)
            let value = try reader.readValue()
            guard reader.isAtEnd else { throw MessageError.malformed }
            return value
        }
    }

    private static func written(_ value: Value) -> [UInt8] {
        var writer = MessageWriter()
        writer.write(value)
        return writer.bytes
    }

    private static let sample = Value.array([
        .nil, .bool(true), 7, .number(0.5), "text", .table([.init(key: "k", value: .array([1, 2, "three"]))]),
    ])

    @Test func everyPrefixIsTruncated() throws {
        let bytes = Self.written(Self.sample)
        #expect(try Self.read(bytes) == Self.sample)
        for count in 0..<bytes.count {
            #expect(throws: MessageError.truncated) { try Self.read(Array(bytes.prefix(count))) }
        }
    }

    @Test func theNumberOfValuesIsLimited() throws {
        let most = Value.array(Array(repeating: .nil, count: MessageReader.maximumValues - 1))
        #expect(try Self.read(Self.written(most)) == most)
        for value in [Value.array([most]), .array([most, 1]), .table([.init(key: 1, value: most)])] {
            #expect(throws: MessageError.tooManyValues) { try Self.read(Self.written(value)) }
        }
        // Five bytes each.
        var shared = Value.array(Array(repeating: .array([]), count: 255))
        shared = .array(Array(repeating: shared, count: 255))
        #expect(throws: MessageError.tooManyValues) { try Self.read(Self.written(shared)) }
    }

    @Test func aValueOfAnySizeIsPassedOver() throws {
        let many = Self.written(.array(Array(repeating: .table([.init(key: 1, value: "x")]), count: 50_000)))
        try (many + Self.written(Self.sample)).withUnsafeBytes { bytes in
            var reader = MessageReader(bytes)
            try reader.skip()
            #expect(try reader.readValue() == Self.sample)
            #expect(throws: MessageError.truncated) { try reader.skip() }
        }
        for value in [Value.nil, .bool(true), 7, .number(0.5), "text", .array([]), Self.sample] {
            let bytes = Self.written(value)
            for count in 0...bytes.count {
                try bytes.prefix(count).withUnsafeBytes { bytes in
                    var reader = MessageReader(bytes)
                    if count < Self.written(value).count {
                        #expect(throws: MessageError.truncated) { try reader.skip() }
                    } else {
                        try reader.skip()
                        #expect(reader.isAtEnd)
                    }
                }
            }
        }
    }

    @Test func randomBytesAreReadOrRefused() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        var read = 0
        for _ in 0..<100_000 {
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<count).map { _ in
                // Mostly tags and small counts, so that the fuzz gets past the first byte.
                Bool.random(using: &generator)
                    ? UInt8.random(in: 0...9, using: &generator) : UInt8.random(in: 0...255, using: &generator)
            }
            if let value = try? Self.read(bytes) {
                read += 1
                #expect(Self.size(value) <= count, "seed \(seed)")
            }
        }
        #expect(read > 0)
    }

    @Test func changedMessagesAreReadOrRefused() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let bytes = Self.written(Self.sample)
        for _ in 0..<100_000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                changed[Int.random(in: 0..<changed.count, using: &generator)] = UInt8.random(
                    in: 0...255,
                    using: &generator
                )
            }
            if let value = try? Self.read(changed) {
                #expect(Self.size(value) <= changed.count, "seed \(seed)")
            }
        }
    }

    @Test func depthIsBounded() {
        var bytes: [UInt8] = []
        for _ in 0..<100_000 {
            bytes += [6, 1, 0, 0, 0]
        }
        bytes.append(0)
        #expect(throws: MessageError.malformed) { try Self.read(bytes) }
    }

    @Test(
        arguments: [
            [6, 255, 255, 255, 255], [7, 255, 255, 255, 255], [5, 255, 255, 255, 255], [6, 1, 0, 0, 0], [8],
            [3, 0, 0, 0, 0, 0, 0, 0], [7, 1, 0, 0, 0, 0],
        ] as [[UInt8]]
    )
    func countsBeyondTheEndAreTruncated(bytes: [UInt8]) {
        #expect(throws: MessageError.truncated) { try Self.read(bytes) }
    }

    @Test func anotherKindIsUnexpected() {
        let bytes = Self.written("text")
        bytes.withUnsafeBytes { bytes in
            var reader = MessageReader(bytes)
            #expect(throws: MessageError.unexpected) { try reader.beginArray() }
            #expect(throws: MessageError.unexpected) { try reader.beginTable() }
            #expect(throws: MessageError.unexpected) { try reader.readInteger() }
            #expect(throws: Never.self) { try reader.skip() }
            #expect(throws: MessageError.truncated) { try reader.peek() }
        }
    }

    @Test func aNestedMessageIsAStringOfTheGuest() throws {
        var writer = MessageWriter()
        let mark = writer.beginNested()
        writer.write(Self.sample)
        writer.endNested(mark)
        let value = try Self.read(writer.bytes)
        guard case .string(let inner) = value else {
            Issue.record("\(value)")
            return
        }
        #expect(try Self.read(inner) == Self.sample)
    }

    /// Bytes that the value takes in a message at least.
    private static func size(_ value: Value) -> Int {
        switch value {
        case .nil, .bool: 1
        case .integer, .number: 9
        case .opaque: 2
        case .string(let bytes): 5 + bytes.count
        case .array(let members): 5 + members.map(Self.size).reduce(0, +)
        case .table(let entries): 5 + entries.map { Self.size($0.key) + Self.size($0.value) }.reduce(0, +)
        }
    }
}
