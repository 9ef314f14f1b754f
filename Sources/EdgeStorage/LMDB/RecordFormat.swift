/// The bytes of an entry in the tree, little-endian, unaligned:
/// kind 1, flags 1 (bit 0: has metadata), metadata length 2, version 8, expiry 8 (0: never), metadata, value.
enum RecordFormat {
    private static let headerBytes = 20

    static func byteCount(_ new: MutationDecision.Replacement) -> Int {
        Self.headerBytes + (new.metadata?.count ?? 0) + new.value.count
    }

    static func write(_ new: MutationDecision.Replacement, version: UInt64, to bytes: UnsafeMutableRawBufferPointer) {
        assert(bytes.count == Self.byteCount(new), "the room is what was asked for")
        let metadata = new.metadata ?? []
        bytes[0] = new.kind.rawValue
        bytes[1] = new.metadata == nil ? 0 : 1
        bytes.storeBytes(of: UInt16(metadata.count).littleEndian, toByteOffset: 2, as: UInt16.self)
        bytes.storeBytes(of: version.littleEndian, toByteOffset: 4, as: UInt64.self)
        bytes.storeBytes(of: (new.expiresAt ?? 0).littleEndian, toByteOffset: 12, as: Int64.self)
        UnsafeMutableRawBufferPointer(rebasing: bytes[Self.headerBytes...]).copyBytes(from: metadata)
        UnsafeMutableRawBufferPointer(rebasing: bytes[(Self.headerBytes + metadata.count)...])
            .copyBytes(from: new.value)
    }

    /// nil where the bytes are no record.
    static func read(_ bytes: UnsafeRawBufferPointer) -> KVEntryView? {
        guard bytes.count >= Self.headerBytes else {
            return nil
        }
        let metadataBytes = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        let valueStart = Self.headerBytes + metadataBytes
        guard valueStart <= bytes.count else {
            return nil
        }
        let expiresAt = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: Int64.self))
        let metadata = UnsafeRawBufferPointer(rebasing: bytes[Self.headerBytes..<valueStart])
        return KVEntryView(
            value: UnsafeRawBufferPointer(rebasing: bytes[valueStart...]),
            kind: KVKind(rawValue: bytes[0]),
            metadata: bytes[1] & 1 == 0 ? nil : metadata,
            version: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt64.self)),
            expiresAt: expiresAt == 0 ? nil : expiresAt
        )
    }
}
