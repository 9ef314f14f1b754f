import EdgeIsolate

extension FuzzTarget {
    /// Flat messages: the bytes as Swift reads them, and as the guest does; what the guest gives back it gives back again.
    static let codec = FuzzTarget("codec") { input in
        input.withUnsafeBytes { bytes in
            var reader = MessageReader(bytes)
            while !reader.isAtEnd, (try? reader.readValue()) != nil {}
            var skipper = MessageReader(bytes)
            while !skipper.isAtEnd, (try? skipper.skip()) != nil {}
        }
        var choices = Choices(input)
        let index = Int64(choices.next() % 8)
        guard let first = try Self.member(index, of: Array(choices.rest)), first.first == .bool(true) else { return }
        let value = first.count > 1 ? first[1] : .nil
        guard let once = try FuzzIsolate.call("echo", [value]),
            let twice = try FuzzIsolate.call("echo", [once.first ?? .nil])
        else {
            return
        }
        guard Self.canonical(once.first ?? .nil) == Self.canonical(twice.first ?? .nil) else {
            throw Violation("\(once) came back as \(twice)")
        }
    }

    /// What the guest reads. A table that has a table as a key is a message, and no value that a guest can give back.
    private static func member(_ index: Int64, of message: [UInt8]) throws -> [Value]? {
        do {
            return try FuzzIsolate.call("at", [.string(message), .integer(index)])
        } catch let violation as Violation where violation.description.contains("be used: a table has a key") {
            return nil
        }
    }

    /// The bytes of a value with the entries of tables in an order of their own: Lua has none.
    private static func canonical(_ value: Value) -> [UInt8] {
        switch value {
        case .array(let members):
            return [1] + members.flatMap { [2] + Self.canonical($0) } + [3]
        case .table(let entries):
            let texts = entries.map { Self.canonical($0.key) + [4] + Self.canonical($0.value) }
            return [5] + texts.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 } + [6]
        default:
            var writer = MessageWriter()
            writer.write(value)
            return writer.bytes
        }
    }
}
