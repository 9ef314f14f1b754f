/// The sizes a store accepts, the same for every implementation.
public enum KVLimits {
    public static let namespaceBytes = 64
    public static let keyBytes = 512
    public static let valueBytes = 25 * 1024 * 1024
    public static let metadataBytes = 1024
    /// Keys of one `list` page, or of one `getMany`.
    public static let pageEntries = 1000
    /// The latest expiry, in Unix ms: far enough for everyone, and additions to it cannot overflow.
    public static let latestExpiry = Int64.max / 4

    static func checkKey(_ byteCount: Int) throws(KVError) {
        guard (1...Self.keyBytes).contains(byteCount) else {
            throw KVError(.invalidKey, "a key has 1 to \(Self.keyBytes) bytes; this one has \(byteCount)")
        }
    }

    static func checkPrefix(_ byteCount: Int) throws(KVError) {
        guard byteCount <= Self.keyBytes else {
            throw KVError(.invalidKey, "a prefix has at most \(Self.keyBytes) bytes; this one has \(byteCount)")
        }
    }

    static func checkValue(_ byteCount: Int) throws(KVError) {
        guard byteCount <= Self.valueBytes else {
            throw KVError(.valueTooLarge, "a value has at most \(Self.valueBytes) bytes; this one has \(byteCount)")
        }
    }

    static func checkMetadata(_ byteCount: Int) throws(KVError) {
        guard byteCount <= Self.metadataBytes else {
            throw KVError(
                .metadataTooLarge,
                "metadata has at most \(Self.metadataBytes) bytes; this has \(byteCount)"
            )
        }
    }

    static func checkPage(_ entries: Int) throws(KVError) {
        guard (1...Self.pageEntries).contains(entries) else {
            throw KVError(.invalidLimit, "a limit is from 1 to \(Self.pageEntries); this one is \(entries)")
        }
    }

    static func checkMany(_ keys: [[UInt8]]) throws(KVError) {
        guard keys.count <= Self.pageEntries else {
            throw KVError(.invalidLimit, "one read takes at most \(Self.pageEntries) keys; these are \(keys.count)")
        }
        for key in keys {
            try Self.checkKey(key.count)
        }
    }
}
