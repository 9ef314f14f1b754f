/// One page of the keys of a namespace, in byte order.
public struct KVListRequest: Sendable {
    public var namespace: KVNamespace
    public var prefix: [UInt8]
    /// 1 to 1000.
    public var limit: Int
    /// From the page before, with the same namespace, prefix and direction.
    public var cursor: String?
    public var reverse: Bool

    public init(
        _ namespace: KVNamespace,
        prefix: [UInt8] = [],
        limit: Int = KVLimits.pageEntries,
        cursor: String? = nil,
        reverse: Bool = false
    ) {
        self.namespace = namespace
        self.prefix = prefix
        self.limit = limit
        self.cursor = cursor
        self.reverse = reverse
    }

    /// The key after which the page begins, nil for the first page.
    func validated() throws(KVError) -> [UInt8]? {
        try KVLimits.checkPage(self.limit)
        try KVLimits.checkPrefix(self.prefix.count)
        return try self.cursor.map { text throws(KVError) in try KVCursor.decode(text, for: self) }
    }
}

public struct KVListItem: Hashable, Sendable {
    public let key: [UInt8]
    public let kind: KVKind
    public let metadata: [UInt8]?
    public let version: UInt64
    /// Unix ms; nil: never.
    public let expiresAt: Int64?

    init(key: [UInt8], _ entry: KVEntry) {
        self.key = key
        self.kind = entry.kind
        self.metadata = entry.metadata
        self.version = entry.version
        self.expiresAt = entry.expiresAt
    }

    init(key: [UInt8], _ view: KVEntryView) {
        self.key = key
        self.kind = view.kind
        self.metadata = view.metadata.map { Array($0) }
        self.version = view.version
        self.expiresAt = view.expiresAt
    }
}

public struct KVPage: Hashable, Sendable {
    /// At most as many as the limit; fewer, even none, where many entries on the way had expired.
    public let items: [KVListItem]
    /// nil: there are no more.
    public let cursor: String?
}
