/// One write.
public struct KVMutation: Sendable {
    public enum Operation: Sendable {
        case put(KVPut, KVCondition)
        case delete(ifVersion: UInt64?)
        /// Adds `by` to the integer stored there, or to `initial` where there is no entry. An existing entry keeps
        /// its metadata, and its expiry unless one is given.
        case increment(by: Int64, initial: Int64, expiry: KVExpiry?)
        /// Stores when the present value has exactly the expected bytes; nil expects that there is no entry.
        case compareAndPut(expected: [UInt8]?, KVPut)
    }

    public let namespace: KVNamespace
    public let key: [UInt8]
    public let operation: Operation

    public init(_ namespace: KVNamespace, _ key: [UInt8], _ operation: Operation) {
        self.namespace = namespace
        self.key = key
        self.operation = operation
    }

    /// Bytes of memory that the mutation holds while it waits.
    var queuedBytes: Int {
        let payload =
            switch self.operation {
            case .put(let put, _): put.byteCount
            case .delete, .increment: 0
            case .compareAndPut(let expected, let put): put.byteCount + (expected?.count ?? 0)
            }
        return payload + self.key.count + 256
    }

    /// What can be checked without looking at the store.
    func checkSizes() throws(KVError) {
        try KVLimits.checkKey(self.key.count)
        switch self.operation {
        case .put(let put, _):
            try put.checkSizes()
        case .delete, .increment:
            break
        case .compareAndPut(let expected, let put):
            try KVLimits.checkValue(expected?.count ?? 0)
            try put.checkSizes()
        }
    }
}

/// What a put stores.
public struct KVPut: Sendable {
    public var value: [UInt8]
    public var kind: KVKind
    public var metadata: [UInt8]?
    public var expiry: KVExpiry

    public init(
        _ value: [UInt8],
        kind: KVKind = .text,
        metadata: [UInt8]? = nil,
        expiry: KVExpiry = .never
    ) {
        self.value = value
        self.kind = kind
        self.metadata = metadata
        self.expiry = expiry
    }

    var byteCount: Int {
        self.value.count + (self.metadata?.count ?? 0)
    }

    func checkSizes() throws(KVError) {
        try KVLimits.checkValue(self.value.count)
        try KVLimits.checkMetadata(self.metadata?.count ?? 0)
    }
}

/// When a put may store.
public enum KVCondition: Sendable {
    case none
    case ifAbsent
    case ifVersion(UInt64)
}

public enum KVExpiry: Hashable, Sendable {
    case never
    /// Counted from the moment the write is applied; at least 1.
    case after(seconds: Int64)
    /// In the future.
    case at(unixMilliseconds: Int64)

    /// The expiry in Unix ms, nil for never.
    /// - Throws: `invalidTTL`.
    func resolved(now: Int64) throws(KVError) -> Int64? {
        switch self {
        case .never:
            return nil
        case .after(let seconds):
            guard seconds >= 1 else {
                throw KVError(.invalidTTL, "a TTL is at least 1 second; this one is \(seconds)")
            }
            guard seconds <= (KVLimits.latestExpiry - now) / 1000 else {
                throw KVError(.invalidTTL, "a TTL of \(seconds) seconds is beyond the latest time a store can hold")
            }
            return now + seconds * 1000
        case .at(let time):
            guard time > now else {
                throw KVError(.invalidTTL, "an expiry lies in the future; this one has passed")
            }
            guard time <= KVLimits.latestExpiry else {
                throw KVError(.invalidTTL, "an expiry at \(time) is beyond the latest time a store can hold")
            }
            return time
        }
    }
}

/// What a write did.
public enum KVOutcome: Hashable, Sendable {
    case stored(version: UInt64)
    /// The condition did not hold; nothing changed. nil: there is no entry.
    case conflict(currentVersion: UInt64?)
    case deleted(existed: Bool)
    case incremented(value: Int64, version: UInt64)
}
