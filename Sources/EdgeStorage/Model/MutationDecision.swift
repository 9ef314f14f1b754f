/// What a mutation does to the entry it meets. One pure function for every implementation, so that conditions, counters
/// and expiry mean the same everywhere.
enum MutationDecision {
    case store(Replacement)
    case remove
    /// Nothing changes.
    case keep(KVOutcome)

    struct Replacement {
        let value: [UInt8]
        let kind: KVKind
        let metadata: [UInt8]?
        let expiresAt: Int64?
        /// Set for an increment.
        let sum: Int64?

        func outcome(version: UInt64) -> KVOutcome {
            self.sum.map { .incremented(value: $0, version: version) } ?? .stored(version: version)
        }
    }

    /// - Parameter current: the live entry, nil where there is none or it has expired.
    static func decide(
        _ operation: KVMutation.Operation,
        current: KVEntryView?,
        now: Int64
    ) throws(KVError) -> MutationDecision {
        switch operation {
        case .put(let put, let condition):
            guard condition.holds(for: current) else {
                return .keep(.conflict(currentVersion: current?.version))
            }
            return .store(try Replacement(put, now: now))
        case .delete(let version):
            if let version, version != current?.version {
                return .keep(.conflict(currentVersion: current?.version))
            }
            return current == nil ? .keep(.deleted(existed: false)) : .remove
        case .compareAndPut(let expected, let put):
            guard Self.matches(expected, current) else {
                return .keep(.conflict(currentVersion: current?.version))
            }
            return .store(try Replacement(put, now: now))
        case .increment(let amount, let initial, let expiry):
            return .store(try Replacement(adding: amount, initial: initial, expiry: expiry, to: current, now: now))
        }
    }

    private static func matches(_ expected: [UInt8]?, _ current: KVEntryView?) -> Bool {
        guard let expected, let current else {
            return expected == nil && current == nil
        }
        return current.value.elementsEqual(expected)
    }
}

extension MutationDecision.Replacement {
    init(_ put: KVPut, now: Int64) throws(KVError) {
        self.init(
            value: put.value,
            kind: put.kind,
            metadata: put.metadata,
            expiresAt: try put.expiry.resolved(now: now),
            sum: nil
        )
    }

    init(
        adding amount: Int64,
        initial: Int64,
        expiry: KVExpiry?,
        to current: KVEntryView?,
        now: Int64
    ) throws(KVError) {
        let start = try current.map { view throws(KVError) in try DecimalInteger.parse(view.value) } ?? initial
        let (sum, overflow) = start.addingReportingOverflow(amount)
        guard !overflow else {
            throw KVError(.overflow, "the sum of an increment does not fit a signed 64-bit integer")
        }
        self.init(
            value: Array(String(sum).utf8),
            kind: .integer,
            metadata: current?.metadata.map { Array($0) },
            expiresAt: try expiry.map { new throws(KVError) in try new.resolved(now: now) } ?? current?.expiresAt,
            sum: sum
        )
    }
}

extension KVCondition {
    func holds(for current: KVEntryView?) -> Bool {
        switch self {
        case .none: true
        case .ifAbsent: current == nil
        case .ifVersion(let version): current?.version == version
        }
    }
}
