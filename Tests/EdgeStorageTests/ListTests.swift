import EdgeStorage
import Testing

@Suite("Every store: listing")
struct ListTests {
    private let names: KVNamespace

    init() throws {
        self.names = try KVNamespace("names")
    }

    /// Keys around every length where the encoding changes, many with long common prefixes.
    static let awkwardKeys: [[UInt8]] = {
        var keys: Set<[UInt8]> = [[0], [255], [0, 0], [255, 255], [1], [97]]
        for filler: UInt8 in [0, 97, 255] {
            for length in [2, 439, 440, 441, 470, 511, 512] {
                let base = [UInt8](repeating: filler, count: length)
                keys.insert(base)
                for last: UInt8 in [0, 98, 255] {
                    keys.insert(base.dropLast() + [last])
                    if length > 440 {
                        keys.insert(base[..<439] + [last] + base[440...])
                        keys.insert(base[..<440] + [last] + base[441...])
                    }
                }
            }
        }
        return keys.sorted { $0.lexicographicallyPrecedes($1) }
    }()

    @Test(arguments: Backend.allCases)
    func longAndAwkwardKeysListInByteOrder(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            let keys = Self.awkwardKeys
            var random = SeededGenerator(seed: 5)
            for key in keys.shuffled(using: &random) {
                try await store.put(self.names, key, KVPut(key))
            }
            for key in keys {
                #expect(try store.get(self.names, key)?.value == key)
            }
            for limit in backend == .lmdb ? [1, 13, 1000] : [60, 1000] {
                #expect(try store.allKeys(KVListRequest(self.names, limit: limit)) == keys)
                #expect(try store.allKeys(KVListRequest(self.names, limit: limit, reverse: true)) == keys.reversed())
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func everyPrefixFindsExactlyItsKeys(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            let keys = Self.awkwardKeys
            // A neighbour on either side: a listing must not leave its namespace.
            for name in [self.names, try KVNamespace("name"), try KVNamespace("names-"), try KVNamespace("namesA")] {
                try await store.put(name, [97], KVPut([97]))
            }
            for key in keys {
                try await store.put(self.names, key, KVPut([]))
            }
            for prefix in Set(keys.flatMap { [$0, Array($0.dropLast())] }) {
                let expected = keys.filter { $0.starts(with: prefix) }
                let forward = try store.allKeys(KVListRequest(self.names, prefix: prefix, limit: 29))
                #expect(forward == expected)
                let backward = try store.allKeys(KVListRequest(self.names, prefix: prefix, limit: 29, reverse: true))
                #expect(backward == expected.reversed())
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func longKeysAreDeletedWithoutTrace(backend: Backend) async throws {
        try await backend.withStore { store, clock in
            var left = Self.awkwardKeys
            for key in left {
                try await store.put(self.names, key, KVPut(key, expiry: .after(seconds: 10)))
            }
            var random = SeededGenerator(seed: 6)
            for key in Self.awkwardKeys.shuffled(using: &random).prefix(left.count / 2) {
                #expect(try await store.delete(self.names, key) == .deleted(existed: true))
                #expect(try store.get(self.names, key) == nil)
                left.removeAll { $0 == key }
            }
            #expect(try store.allKeys(KVListRequest(self.names, limit: 10)) == left)
            #expect(try store.allKeys(KVListRequest(self.names, limit: 10, reverse: true)) == left.reversed())
            clock.advance(milliseconds: 10_000)
            #expect(try await store.sweep() == left.count)
            #expect(try store.namespaces(after: nil) == [])
        }
    }

    @Test(arguments: Backend.allCases)
    func aPageHasMetadataExpiryAndACursorOnlyWhenThereIsMore(backend: Backend) async throws {
        try await backend.withStore { store, clock in
            try await store.put(
                self.names,
                bytes("a"),
                KVPut([1], kind: .json, metadata: [5], expiry: .after(seconds: 9))
            )
            try await store.put(self.names, bytes("b"), KVPut([2]))
            try await store.put(self.names, bytes("c"), KVPut([3], expiry: .after(seconds: 1)))
            var request = KVListRequest(self.names, limit: 2)
            #expect(try store.list(request).cursor != nil)
            clock.advance(milliseconds: 1000)
            let page = try store.list(request)
            #expect(page.cursor == nil)
            #expect(page.items.map(\.key) == [bytes("a"), bytes("b")])
            #expect(page.items[0].metadata == [5])
            #expect(page.items[0].kind == .json)
            #expect(page.items[0].expiresAt == clock.now + 8000)
            #expect(page.items[1].metadata == nil)
            #expect(page.items[1].expiresAt == nil)
            #expect(page.items[1].version == (try store.get(self.names, bytes("b"))?.version))
            request.prefix = bytes("x")
            #expect(try store.list(request) == (try store.list(KVListRequest(self.names, prefix: bytes("zz")))))
        }
    }

    @Test(arguments: Backend.allCases)
    func aCursorOutlivesItsKeyButNotItsListing(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            for index in 0..<6 {
                try await store.put(self.names, "k\(index)", "")
            }
            let first = KVListRequest(self.names, prefix: bytes("k"), limit: 2)
            let cursor = try #require(try store.list(first).cursor)
            try await store.delete(self.names, bytes("k1"))
            try await store.put(self.names, "k11", "")
            var next = first
            next.cursor = cursor
            #expect(try store.list(next).items.map { text($0.key) } == ["k11", "k2"])

            var others = [KVListRequest](repeating: next, count: 4)
            others[0].prefix = []
            others[1].reverse = true
            others[2].namespace = try KVNamespace("other")
            others[3].prefix = bytes("k1")
            for other in others {
                #expect(await code { _ = try store.list(other) } == .invalidCursor)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func garbageCursorsAndLimitsAreRefused(backend: Backend) async throws {
        try await backend.withStore { store, _ in
            for index in 0..<3 {
                try await store.put(self.names, "k\(index)", "")
            }
            var request = KVListRequest(self.names, limit: 1)
            let cursor = try #require(try store.list(request).cursor)
            let garbage = [
                "", "x", "00", "zz\(cursor)", String(cursor.dropLast()), cursor + "00", cursor.uppercased() + "G",
                String(cursor.dropLast()) + (cursor.hasSuffix("0") ? "1" : "0"),
                String(repeating: "0", count: 100), String(repeating: "f", count: 5000), "\u{e9}\u{e9}\u{e9}",
            ]
            for text in garbage {
                request.cursor = text
                #expect(await code { _ = try store.list(request) } == .invalidCursor, "\(text)")
            }
            for limit in [0, -1, 1001, .max, .min] {
                let request = KVListRequest(self.names, limit: limit)
                #expect(await code { _ = try store.list(request) } == .invalidLimit)
            }
            let long = KVListRequest(self.names, prefix: [UInt8](repeating: 1, count: 513))
            #expect(await code { _ = try store.list(long) } == .invalidKey)
        }
    }
}
