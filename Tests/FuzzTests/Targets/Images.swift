@testable import EdgeIsolate
@testable import EdgeRuntime

extension FuzzTarget {
    /// Files of the folder of images: their heads, the records of images, and the index of a start.
    static let images = FuzzTarget("images") { input in
        var choices = Choices(input)
        let flip = choices.next() << 8 | choices.next()
        let message = Array(choices.rest)
        let file = PrivateFile(key: Fingerprint(high: 1, low: 2))
        _ = file.decode(message)
        var bytes = file.encode(message)
        guard file.decode(bytes) == .message(message) else { throw Violation("a message came back as another") }
        bytes[flip % bytes.count] ^= 1 << UInt8(flip % 8)
        if case .message = file.decode(bytes) {
            throw Violation("byte \(flip % bytes.count) was damaged and not missed")
        }
        try Self.checkRecord(message)
        Self.read(StartIndex(message))
    }

    private static func checkRecord(_ message: [UInt8]) throws {
        let record = message.withUnsafeBytes { bytes in
            var reader = MessageReader(bytes)
            return try? ImageRecord(&reader)
        }
        guard let record else { return }
        var writer = MessageWriter()
        record.write(to: &writer)
        let again = try writer.bytes.withUnsafeBytes { bytes in
            var reader = MessageReader(bytes)
            return try ImageRecord(&reader)
        }
        guard again == record else { throw Violation("a record came back as another") }
    }

    /// All that a start could ask of it, but the files.
    private static func read(_ index: StartIndex?) {
        guard let index else { return }
        _ = index.tree
        let shared = index.shared
        for number in index.workers.indices {
            _ = index.details(number).map { index.source(number, $0, shared: shared).fingerprint }
        }
    }
}
