import EdgeStorage
import Testing

/// Random operations, checked against a plain dictionary.
@Suite("Every store against a model")
struct ModelTests {
    private struct Model {
        struct Entry {
            var value: [UInt8]
            var metadata: [UInt8]?
            var version: UInt64
            var expiresAt: Int64?
        }

        var entries: [[UInt8]: Entry] = [:]

        func live(_ key: [UInt8], _ now: Int64) -> Entry? {
            guard let entry = self.entries[key], entry.expiresAt.map({ $0 > now }) ?? true else {
                return nil
            }
            return entry
        }

        func keys(_ prefix: [UInt8], _ now: Int64) -> [[UInt8]] {
            self.entries.keys
                .filter { $0.starts(with: prefix) && self.live($0, now) != nil }
                .sorted { $0.lexicographicallyPrecedes($1) }
        }
    }

    private static let seeds: [UInt64] = [1, 2, 3, UInt64.random(in: 4 ... .max)]

    @Test(arguments: Backend.allCases, Self.seeds)
    func randomOperationsAgree(backend: Backend, seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var model = Model()
        let names = try KVNamespace("model")
        try await backend.withStore { store, clock in
            for step in 0..<1500 {
                let key = Self.randomKey(&random)
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<4:
                    try await Self.put(store, names, key, &model, clock.now, &random)
                case 4:
                    let existed = model.live(key, clock.now) != nil
                    #expect(
                        try await store.delete(names, key) == .deleted(existed: existed),
                        "seed \(seed) step \(step)"
                    )
                    model.entries[key] = existed ? nil : model.entries[key]
                case 5:
                    try await Self.increment(store, names, key, &model, clock.now, &random)
                case 6:
                    clock.advance(milliseconds: Int64.random(in: 0...3000, using: &random))
                case 7:
                    _ = try await store.sweep()
                case 8:
                    let prefix = Array(key.prefix(Int.random(in: 0...key.count, using: &random)))
                    try Self.list(store, names, prefix, model, clock.now, &random, "seed \(seed) step \(step)")
                default:
                    break
                }
                let (entry, expected) = (try store.get(names, key), model.live(key, clock.now))
                #expect(entry?.value == expected?.value, "seed \(seed) step \(step)")
                #expect(entry?.metadata == expected?.metadata, "seed \(seed) step \(step)")
                #expect(entry?.version == expected?.version, "seed \(seed) step \(step)")
                #expect(entry?.expiresAt == expected?.expiresAt, "seed \(seed) step \(step)")
            }
            let all = model.keys([], clock.now)
            #expect(!all.isEmpty, "seed \(seed): the run must leave something to compare")
            #expect(try store.allKeys(KVListRequest(names)) == all, "seed \(seed)")
        }
    }

    /// Few different keys, so that operations meet, short and on both sides of the split of long ones.
    private static func randomKey(_ random: inout SeededGenerator) -> [UInt8] {
        let length = [1, 2, 3, 439, 440, 441, 512].randomElement(using: &random) ?? 1
        var key = [UInt8](repeating: 97, count: length)
        for place in [0, length / 2, length - 1] where Bool.random(using: &random) {
            key[place] = [0, 97, 98, 255].randomElement(using: &random) ?? 0
        }
        return key
    }

    private static func put(
        _ store: any KeyValueStore,
        _ names: KVNamespace,
        _ key: [UInt8],
        _ model: inout Model,
        _ now: Int64,
        _ random: inout SeededGenerator
    ) async throws {
        let size = Int.random(in: 0...20, using: &random) == 0 ? 20_000 : Int.random(in: 0...30, using: &random)
        let seconds = Int64.random(in: 1...5, using: &random)
        let put = KVPut(
            (0..<size).map { _ in UInt8.random(in: 48...57, using: &random) },
            metadata: Bool.random(using: &random) ? [UInt8](repeating: 1, count: size % 9) : nil,
            expiry: Bool.random(using: &random) ? .never : .after(seconds: seconds)
        )
        let current = model.live(key, now)
        let condition: KVCondition
        let holds: Bool
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            (condition, holds) = (.ifAbsent, current == nil)
        case 1:
            let version = Bool.random(using: &random) ? (current?.version ?? 1) : 0
            (condition, holds) = (.ifVersion(version), current?.version == version)
        default:
            (condition, holds) = (.none, true)
        }
        switch try await store.put(names, key, put, condition) {
        case .stored(let version):
            #expect(holds)
            let expiresAt = put.expiry == .never ? nil : now + seconds * 1000
            model.entries[key] = .init(value: put.value, metadata: put.metadata, version: version, expiresAt: expiresAt)
        case let outcome:
            #expect(!holds && outcome == .conflict(currentVersion: current?.version))
        }
    }

    private static func increment(
        _ store: any KeyValueStore,
        _ names: KVNamespace,
        _ key: [UInt8],
        _ model: inout Model,
        _ now: Int64,
        _ random: inout SeededGenerator
    ) async throws {
        let amount = Int64.random(in: -3...3, using: &random)
        let current = model.live(key, now)
        let start = current.map { $0.value.count <= 20 ? Int64(String(decoding: $0.value, as: UTF8.self)) : nil } ?? 0
        let mutation = KVMutation(names, key, .increment(by: amount, initial: 0, expiry: nil))
        guard let start else {
            #expect(await code { _ = try await store.write(mutation) } == .notANumber)
            return
        }
        let (sum, overflow) = start.addingReportingOverflow(amount)
        guard !overflow else {
            #expect(await code { _ = try await store.write(mutation) } == .overflow)
            return
        }
        guard case .incremented(sum, let version) = try await store.write(mutation) else {
            Issue.record("the increment is \(sum)")
            return
        }
        model.entries[key] = .init(
            value: bytes("\(sum)"),
            metadata: current?.metadata,
            version: version,
            expiresAt: current?.expiresAt
        )
    }

    private static func list(
        _ store: any KeyValueStore,
        _ names: KVNamespace,
        _ prefix: [UInt8],
        _ model: Model,
        _ now: Int64,
        _ random: inout SeededGenerator,
        _ place: Comment
    ) throws {
        let reverse = Bool.random(using: &random)
        let limit = Int.random(in: 1...12, using: &random)
        let expected = model.keys(prefix, now)
        let keys = try store.allKeys(KVListRequest(names, prefix: prefix, limit: limit, reverse: reverse))
        #expect(keys == (reverse ? expected.reversed() : expected), place)
    }
}
