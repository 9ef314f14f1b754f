/// The bytes of an entry in the tree, little-endian, unaligned:
/// kind 1, flags 1, metadata length 2, version 8, expiry 8 (0: never), check of the value 4, check of the head 4,
/// metadata, value.
///
/// The check of the head covers the key of the tree, all of the above and the metadata; that of the value is seeded with
/// the version. So a record that lies under another key, or has the value of another, is found too.
enum RecordFormat {
    private static let headerBytes = 28
    private static let headCheckOffset = 24
    private static let hasMetadata: UInt8 = 1
    /// Tells a record from one of format 1, which had no checks.
    private static let hasChecks: UInt8 = 2

    struct Content {
        var value: UnsafeRawBufferPointer
        var kind: KVKind
        var metadata: UnsafeRawBufferPointer?
        var version: UInt64
        /// Unix ms; 0: never.
        var expiresAt: Int64
    }

    enum Checked {
        case head
        case all
    }

    static func byteCount(value: Int, metadata: Int) -> Int {
        Self.headerBytes + metadata + value
    }

    /// - Parameter key: the key of the tree under which the record is put.
    static func write(_ content: Content, key: UnsafeRawBufferPointer, to bytes: UnsafeMutableRawBufferPointer) {
        let metadataBytes = content.metadata?.count ?? 0
        let valueStart = Self.headerBytes + metadataBytes
        assert(bytes.count == valueStart + content.value.count, "the room is what was asked for")
        bytes[0] = content.kind.rawValue
        bytes[1] = Self.hasChecks | (content.metadata == nil ? 0 : Self.hasMetadata)
        bytes.storeBytes(of: UInt16(metadataBytes).littleEndian, toByteOffset: 2, as: UInt16.self)
        bytes.storeBytes(of: content.version.littleEndian, toByteOffset: 4, as: UInt64.self)
        bytes.storeBytes(of: content.expiresAt.littleEndian, toByteOffset: 12, as: Int64.self)
        let check = Checksum.short(content.value, seed: content.version)
        bytes.storeBytes(of: check.littleEndian, toByteOffset: 20, as: UInt32.self)
        if let metadata = content.metadata {
            UnsafeMutableRawBufferPointer(rebasing: bytes[Self.headerBytes...]).copyMemory(from: metadata)
        }
        UnsafeMutableRawBufferPointer(rebasing: bytes[valueStart...]).copyMemory(from: content.value)
        let head = Self.headCheck(UnsafeRawBufferPointer(bytes), metadataBytes, key)
        bytes.storeBytes(of: head.littleEndian, toByteOffset: Self.headCheckOffset, as: UInt32.self)
    }

    /// - Parameters:
    ///   - key: the key of the tree under which the record was found.
    ///   - checked: `head` leaves the value alone, which may be large.
    /// - Returns: nil where the bytes are no record, or are damaged.
    static func read(
        _ bytes: UnsafeRawBufferPointer,
        key: UnsafeRawBufferPointer,
        checked: Checked
    ) -> KVEntryView? {
        guard bytes.count >= Self.headerBytes, bytes[1] & Self.hasChecks != 0 else {
            return nil
        }
        let metadataBytes = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        let valueStart = Self.headerBytes + metadataBytes
        guard valueStart <= bytes.count,
            Self.headCheck(bytes, metadataBytes, key) == Self.check(bytes, Self.headCheckOffset)
        else {
            return nil
        }
        let version = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
        let value = UnsafeRawBufferPointer(rebasing: bytes[valueStart...])
        if checked == .all, Checksum.short(value, seed: version) != Self.check(bytes, 20) {
            return nil
        }
        let expiresAt = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: Int64.self))
        let metadata = UnsafeRawBufferPointer(rebasing: bytes[Self.headerBytes..<valueStart])
        return KVEntryView(
            value: value,
            kind: KVKind(rawValue: bytes[0]),
            metadata: bytes[1] & Self.hasMetadata == 0 ? nil : metadata,
            version: version,
            expiresAt: expiresAt == 0 ? nil : expiresAt
        )
    }

    private static func headCheck(
        _ bytes: UnsafeRawBufferPointer,
        _ metadataBytes: Int,
        _ key: UnsafeRawBufferPointer
    ) -> UInt32 {
        let fields = UnsafeRawBufferPointer(rebasing: bytes[..<Self.headCheckOffset])
        let seed = Checksum.sum(key, seed: 0)
        guard metadataBytes > 0 else {
            return Checksum.short(fields, seed: seed)
        }
        let metadata = bytes[Self.headerBytes..<Self.headerBytes + metadataBytes]
        return Checksum.short(UnsafeRawBufferPointer(rebasing: metadata), seed: Checksum.sum(fields, seed: seed))
    }

    private static func check(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

extension RecordFormat {
    /// Reads a record of format 1: kind 1, flags 1 (bit 0: has metadata), metadata length 2, version 8, expiry 8, metadata,
    /// value.
    /// - Returns: nil where the bytes are none, as are those of a later format.
    static func readUnchecked(_ bytes: UnsafeRawBufferPointer) -> Content? {
        guard bytes.count >= 20, bytes[1] & Self.hasChecks == 0 else {
            return nil
        }
        let valueStart = 20 + Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        guard valueStart <= bytes.count else {
            return nil
        }
        let metadata = UnsafeRawBufferPointer(rebasing: bytes[20..<valueStart])
        return Content(
            value: UnsafeRawBufferPointer(rebasing: bytes[valueStart...]),
            kind: KVKind(rawValue: bytes[0]),
            metadata: bytes[1] & Self.hasMetadata == 0 ? nil : metadata,
            version: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt64.self)),
            expiresAt: Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: Int64.self))
        )
    }
}
