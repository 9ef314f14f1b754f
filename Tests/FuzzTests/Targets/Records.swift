@testable import EdgeStorage

extension FuzzTarget {
    /// The store: records as they lie on disk, and cursors that come back from clients.
    static let kv = FuzzTarget("kv") { input in
        var choices = Choices(input)
        let isReverse = choices.next() % 2 == 1
        let prefix = Array(choices.rest.prefix(choices.next() % 4))
        let bytes = Array(choices.rest)
        try Self.checkRecord(bytes, key: prefix, flip: choices.next())
        let request = KVListRequest(try KVNamespace("fuzz"), prefix: prefix, reverse: isReverse)
        let text = String(decoding: bytes, as: UTF8.self)
        if let key = try? KVCursor.decode(text, for: request), KVCursor.encode(after: key, for: request) != text {
            throw Violation("the cursor '\(text)' is another one than that of its key")
        }
        let key = prefix + bytes.prefix(KVLimits.keyBytes - prefix.count)
        guard !key.isEmpty else { return }
        let cursor = KVCursor.encode(after: key, for: request)
        guard try KVCursor.decode(cursor, for: request) == key else { throw Violation("\(key) came back as another") }
        let other = KVListRequest(request.namespace, prefix: prefix, reverse: !isReverse)
        guard (try? KVCursor.decode(cursor, for: other)) == nil else {
            throw Violation("the cursor of a listing serves one in the other direction")
        }
    }

    /// Any bytes may be read; what is a record of format 1 comes back from format 2 as it was, and not at all where a bit of it
    /// has changed.
    private static func checkRecord(_ bytes: [UInt8], key: [UInt8], flip: Int) throws {
        try bytes.withUnsafeBytes { bytes in
            try key.withUnsafeBytes { key in
                _ = RecordFormat.read(bytes, key: key, checked: .all)
                guard let content = RecordFormat.readUnchecked(bytes) else { return }
                let metadata = content.metadata?.count ?? 0
                guard content.value.count + metadata <= bytes.count else {
                    throw Violation("a record of \(bytes.count) bytes holds more than it has")
                }
                var record = [UInt8](
                    repeating: 0,
                    count: RecordFormat.byteCount(value: content.value.count, metadata: metadata)
                )
                record.withUnsafeMutableBytes { RecordFormat.write(content, key: key, to: $0) }
                let isRight = record.withUnsafeBytes { record in
                    RecordFormat.read(record, key: key, checked: .all).map { view in
                        view.version == content.version && view.value.elementsEqual(content.value)
                    } ?? false
                }
                guard isRight else { throw Violation("a record came back as another") }
                record[flip % record.count] ^= 1 << UInt8(flip % 8)
                let isTaken = record.withUnsafeBytes { RecordFormat.read($0, key: key, checked: .all) != nil }
                guard !isTaken else { throw Violation("byte \(flip % record.count) was damaged and not missed") }
            }
        }
    }
}
