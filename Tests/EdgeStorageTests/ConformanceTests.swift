import EdgeStorage
import Testing

@Suite("Every store: values, conditions, counters")
struct ConformanceTests {
    private let names: KVNamespace

    init() throws {
        self.names = try KVNamespace("names")
    }

    @Test(arguments: Backend.allCases)
    func putThenGetReturnsAllOfIt(backend: Backend) async throws {
        try await backend.withStore { store, clock in
            let put = KVPut([0, 255, 10], kind: .json, metadata: bytes("{}"), expiry: .after(seconds: 5))
            let outcome = try await store.put(self.names, bytes("a"), put)
            let entry = try #require(try store.get(self.names, bytes("a")))
            #expect(outcome == .stored(version: entry.version))
            #expect(entry.value == [0, 255, 10])
            #expect(entry.kind == .json)
            #expect(entry.metadata == bytes("{}"))
            #expect(entry.expiresAt == clock.now + 5000)
            #expect(try store.get(self.names, bytes("b")) == nil)
        }
    }

    @Test(arguments: Backend.allCases)
    func emptyValueAndEmptyMetadataAreNotAbsent(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            try await store.put(self.names, bytes("none"), KVPut([]))
            try await store.put(self.names, bytes("empty"), KVPut([], metadata: []))
            #expect(try store.get(self.names, bytes("none"))?.value == [])
            #expect(try store.get(self.names, bytes("none"))?.metadata == nil)
            #expect(try store.get(self.names, bytes("empty"))?.metadata == [])
        }
    }

    @Test(arguments: Backend.allCases)
    func versionsIncreaseOverAllKeys(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            var last: UInt64 = 0
            for index in 0..<20 {
                let outcome = try await store.put(self.names, "key\(index % 3)", "\(index)")
                guard case .stored(let version) = outcome else {
                    Issue.record("a plain put stores: \(outcome)")
                    return
                }
                #expect(version > last)
                last = version
                try await store.delete(self.names, bytes("key1"))
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func conditionsHoldOrConflict(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            let key = bytes("a")
            #expect(try await store.put(self.names, key, KVPut([1]), .ifVersion(7)) == .conflict(currentVersion: nil))
            try await store.put(self.names, key, KVPut([2]), .ifAbsent)
            let version = try #require(try store.get(self.names, key)).version
            let conflict = KVOutcome.conflict(currentVersion: version)
            #expect(try await store.put(self.names, key, KVPut([3]), .ifAbsent) == conflict)
            #expect(try await store.put(self.names, key, KVPut([3]), .ifVersion(version + 1)) == conflict)
            #expect(try await store.delete(self.names, key, ifVersion: version + 1) == conflict)
            #expect(try store.get(self.names, key)?.value == [2])
            try await store.put(self.names, key, KVPut([4]), .ifVersion(version))
            let next = try #require(try store.get(self.names, key))
            #expect(next.value == [4])
            #expect(try await store.delete(self.names, key, ifVersion: next.version) == .deleted(existed: true))
            #expect(try await store.delete(self.names, key) == .deleted(existed: false))
            #expect(try await store.delete(self.names, key, ifVersion: 1) == .conflict(currentVersion: nil))
            #expect(try store.get(self.names, key) == nil)
        }
    }

    @Test(arguments: Backend.allCases)
    func compareAndPutComparesBytes(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            func compare(_ expected: String?, _ new: String) async throws -> Bool {
                let operation = KVMutation.Operation.compareAndPut(
                    expected: expected.map { bytes($0) },
                    KVPut(bytes(new))
                )
                let outcome = try await store.write(KVMutation(self.names, bytes("a"), operation))
                if case .stored = outcome {
                    return true
                }
                return false
            }
            let whereNothingIs = try await compare("x", "1")
            #expect(!whereNothingIs)
            #expect(try await compare(nil, "1"))
            #expect(try await !compare(nil, "2"))
            #expect(try await !compare("12", "2"))
            #expect(try await !compare("", "2"))
            #expect(try await compare("1", "2"))
            #expect(text(try store.get(self.names, bytes("a"))?.value) == "2")
        }
    }

    @Test(arguments: Backend.allCases)
    func incrementCountsFromInitialAndFromText(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            #expect(try await store.increment(self.names, "new") == 1)
            #expect(try await store.increment(self.names, "new", by: -5) == -4)
            #expect(try await store.increment(self.names, "from", by: 2, initial: 40) == 42)
            #expect(try await store.increment(self.names, "from", by: 0, initial: 7) == 42)
            try await store.put(self.names, bytes("text"), KVPut(bytes("-10"), metadata: [9]))
            #expect(try await store.increment(self.names, "text", by: 11) == 1)
            let entry = try #require(try store.get(self.names, bytes("text")))
            #expect(text(entry.value) == "1")
            #expect(entry.kind == .integer)
            #expect(entry.metadata == [9])
        }
    }

    @Test(arguments: Backend.allCases, ["", "x", "1x", " 1", "+1", "1.0", "9223372036854775808", "0x10"])
    func incrementRefusesWhatIsNoNumber(backend: Backend, value: String) async throws {
        try await backend.withStore { store, _ in
            try await store.put(self.names, "a", value)
            #expect(await code { _ = try await store.increment(self.names, "a") } == .notANumber)
            #expect(text(try store.get(self.names, bytes("a"))?.value) == value)
        }
    }

    @Test(arguments: Backend.allCases)
    func incrementRefusesToOverflow(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            let largest = try await store.increment(self.names, "a", by: .max)
            #expect(largest == .max)
            #expect(await code { _ = try await store.increment(self.names, "a") } == .overflow)
            #expect(try await store.increment(self.names, "a", by: 0) == .max)
            #expect(await code { _ = try await store.increment(self.names, "b", by: -1, initial: .min) } == .overflow)
            #expect(try store.get(self.names, bytes("b")) == nil)
        }
    }

    @Test(arguments: Backend.allCases)
    func sizesAreLimited(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            let longest = [UInt8](repeating: 7, count: KVLimits.keyBytes)
            let largest = KVPut(
                [UInt8](repeating: 1, count: KVLimits.valueBytes),
                metadata: [UInt8](repeating: 2, count: KVLimits.metadataBytes)
            )
            try await store.put(self.names, longest, largest)
            let entry = try #require(try store.get(self.names, longest))
            #expect(entry.value == largest.value)
            #expect(entry.metadata == largest.metadata)

            #expect(await code { try await store.put(self.names, longest + [1], KVPut([])) } == .invalidKey)
            #expect(await code { try await store.put(self.names, [], KVPut([])) } == .invalidKey)
            #expect(await code { _ = try store.get(self.names, []) } == .invalidKey)
            #expect(await code { _ = try store.getMany(self.names, [[1], longest + [1]]) } == .invalidKey)
            var large = largest
            large.value.append(1)
            #expect(await code { try await store.put(self.names, [1], large) } == .valueTooLarge)
            large = KVPut([], metadata: (largest.metadata ?? []) + [1])
            #expect(await code { try await store.put(self.names, [1], large) } == .metadataTooLarge)
            #expect(try store.get(self.names, [1]) == nil)
        }
    }

    @Test(arguments: ["", "a b", "a/b", "\u{e4}", "a\0b", String(repeating: "x", count: 65)])
    func namespaceNamesAreChecked(name: String) async throws {
        #expect(await code { _ = try KVNamespace(name) } == .invalidNamespace)
    }

    @Test(arguments: Backend.allCases)
    func namespacesAreApartAndListed(backend: Backend) async throws {
        try await backend.withStore { store, clock in
            let names = try ["a", "A", "a-b", "ab", "a_", "9", String(repeating: "z", count: 64)].map { name in
                try KVNamespace(name)
            }
            for name in names {
                try await store.put(name, "key", name.name)
            }
            try await store.put(try KVNamespace("gone"), bytes("key"), KVPut([], expiry: .after(seconds: 1)))
            clock.advance(milliseconds: 1000)
            for name in names {
                #expect(text(try store.get(name, bytes("key"))?.value) == name.name)
                #expect(try store.list(KVListRequest(name)).items.count == 1)
                #expect(try store.list(KVListRequest(name, reverse: true)).items.count == 1)
            }
            #expect(try store.namespaces(after: nil) == names.sorted())
            #expect(try store.namespaces(after: names.sorted()[2]) == Array(names.sorted()[3...]))
        }
    }

    @Test(arguments: Backend.allCases)
    func getManyKeepsOrderAndGaps(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            try await store.put(self.names, "a", "1")
            try await store.put(self.names, "c", "3")
            let entries = try store.getMany(self.names, ["c", "b", "a", "c"].map { bytes($0) })
            #expect(entries.map { text($0?.value) } == ["3", nil, "1", "3"])
            let many = [[UInt8]](repeating: [1], count: KVLimits.pageEntries + 1)
            #expect(await code { _ = try store.getMany(self.names, many) } == .invalidLimit)
        }
    }

    @Test(arguments: Backend.allCases)
    func aClosedStoreSaysSo(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            store.close()
            store.close()
            #expect(await code { _ = try store.get(self.names, [1]) } == .closed)
            #expect(await code { _ = try store.list(KVListRequest(self.names)) } == .closed)
            #expect(await code { try await store.put(self.names, [1], KVPut([])) } == .closed)
            #expect(await code { _ = try await store.sweep() } == .closed)
        }
    }
}
