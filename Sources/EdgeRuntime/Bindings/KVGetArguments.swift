import EdgeIsolate

/// The arguments of `get` as nearly every call has them, left in place: a handle with nothing but its namespace, a key that is a
/// string, and no options but a valid type.
struct KVGetArguments {
    let namespace: UnsafeRawBufferPointer
    let key: UnsafeRawBufferPointer

    /// nil for arguments of any other form, which ``CallArguments`` reads, or refuses with a reason.
    init?(_ reader: MessageReader) {
        var reader = reader
        do throws(MessageError) {
            let count = try reader.beginArray()
            guard (2...3).contains(count),
                let namespace = try Self.onlyField("namespace", &reader),
                try reader.peek() == .string
            else { return nil }
            self.namespace = namespace
            self.key = try reader.readBytes()
            if count == 3, try reader.peek() != .nil {
                guard let type = try Self.onlyField("type", &reader),
                    type.equals("json") || type.equals("text")
                else { return nil }
            }
        } catch {
            return nil
        }
    }

    /// The string in the only field of the table that comes next.
    private static func onlyField(
        _ name: StaticString,
        _ reader: inout MessageReader
    ) throws(MessageError) -> UnsafeRawBufferPointer? {
        guard try reader.peek() == .table, try reader.beginTable() == 1,
            try reader.peek() == .string, try reader.readBytes().equals(name),
            try reader.peek() == .string
        else { return nil }
        return try reader.readBytes()
    }
}
