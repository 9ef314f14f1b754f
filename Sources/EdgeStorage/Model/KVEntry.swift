/// What the bytes of a value are. The store keeps the tag and gives it back; only `increment` sets one itself.
public struct KVKind: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static let text = KVKind(rawValue: 0)
    public static let json = KVKind(rawValue: 1)
    /// A signed 64-bit integer, stored as decimal ASCII text.
    public static let integer = KVKind(rawValue: 2)
}

/// An entry in place. The pointers are valid only inside the closure that received it.
public struct KVEntryView {
    public let value: UnsafeRawBufferPointer
    public let kind: KVKind
    /// nil: stored without metadata.
    public let metadata: UnsafeRawBufferPointer?
    public let version: UInt64
    /// Unix ms; nil: never.
    public let expiresAt: Int64?

    func isLive(at now: Int64) -> Bool {
        self.expiresAt.map { $0 > now } ?? true
    }
}

@available(*, unavailable)
extension KVEntryView: Sendable {}

/// A copy of an entry.
public struct KVEntry: Hashable, Sendable {
    public let value: [UInt8]
    public let kind: KVKind
    public let metadata: [UInt8]?
    /// Strictly increasing over all writes of a store.
    public let version: UInt64
    /// Unix ms; nil: never.
    public let expiresAt: Int64?

    init(value: [UInt8], kind: KVKind, metadata: [UInt8]?, version: UInt64, expiresAt: Int64?) {
        self.value = value
        self.kind = kind
        self.metadata = metadata
        self.version = version
        self.expiresAt = expiresAt
    }

    public init(_ view: KVEntryView) {
        self.value = Array(view.value)
        self.kind = view.kind
        self.metadata = view.metadata.map { Array($0) }
        self.version = view.version
        self.expiresAt = view.expiresAt
    }

    var byteCount: Int {
        self.value.count + (self.metadata?.count ?? 0)
    }

    func isLive(at now: Int64) -> Bool {
        self.expiresAt.map { $0 > now } ?? true
    }
}
