import EdgeStorage
import Testing

@Suite("Every store: expiry")
struct ExpiryTests {
    private let names: KVNamespace

    init() throws {
        self.names = try KVNamespace("names")
    }

    @Test(arguments: Backend.allCases)
    func anEntryIsVisibleUntilItExpires(backend: Backend) async throws {
        try await backend.withStore { store, clock in
            try await store.put(self.names, bytes("ttl"), KVPut([1], expiry: .after(seconds: 1)))
            try await store.put(self.names, bytes("at"), KVPut([2], expiry: .at(unixMilliseconds: clock.now + 1)))
            #expect(try store.get(self.names, bytes("at"))?.value == [2])
            clock.advance(milliseconds: 1)
            #expect(try store.get(self.names, bytes("at")) == nil)
            clock.advance(milliseconds: 998)
            #expect(try store.get(self.names, bytes("ttl"))?.value == [1])
            #expect(try store.allKeys(KVListRequest(self.names)) == [bytes("ttl")])
            clock.advance(milliseconds: 1)
            #expect(try store.get(self.names, bytes("ttl")) == nil)
            #expect(try store.getMany(self.names, [bytes("ttl")]) == [nil])
            #expect(try store.allKeys(KVListRequest(self.names)) == [])
            #expect(try store.allKeys(KVListRequest(self.names, reverse: true)) == [])
        }
    }

    @Test(arguments: Backend.allCases)
    func anExpiredEntryIsAbsentToEveryWrite(backend: Backend) async throws {
        try await backend.withStore { store, clock in
            for key in ["a", "b", "c", "d"] {
                try await store.put(self.names, bytes(key), KVPut(bytes("5"), expiry: .after(seconds: 1)))
            }
            clock.advance(milliseconds: 1000)
            let stored = try await store.put(self.names, bytes("a"), KVPut([1]), .ifAbsent)
            #expect(stored != .conflict(currentVersion: nil))
            #expect(try await store.delete(self.names, bytes("b")) == .deleted(existed: false))
            #expect(try await store.increment(self.names, "c", initial: 10) == 11)
            #expect(try store.get(self.names, bytes("c"))?.expiresAt == nil)
            #expect(
                try await store.put(self.names, bytes("d"), KVPut([]), .ifVersion(4)) == .conflict(currentVersion: nil)
            )
            #expect(try await store.sweep() == 2)
            #expect(try store.allKeys(KVListRequest(self.names)) == [bytes("a"), bytes("c")])
        }
    }

    @Test(arguments: Backend.allCases)
    func incrementKeepsTheExpiryUnlessOneIsGiven(backend: Backend) async throws {
        try await backend.withStore { store, clock in
            let start = clock.now
            _ = try await store.increment(self.names, "a", expiry: .after(seconds: 10))
            clock.advance(milliseconds: 3000)
            _ = try await store.increment(self.names, "a")
            #expect(try store.get(self.names, bytes("a"))?.expiresAt == start + 10_000)
            _ = try await store.increment(self.names, "a", expiry: .after(seconds: 10))
            #expect(try store.get(self.names, bytes("a"))?.expiresAt == start + 13_000)
            _ = try await store.increment(self.names, "a", expiry: .never)
            #expect(try store.get(self.names, bytes("a"))?.expiresAt == nil)
        }
    }

    @Test(arguments: Backend.allCases)
    func impossibleExpiriesAreRefused(backend: Backend) async throws {
        try await backend.withStore { store, clock in
            let impossible: [KVExpiry] = [
                .after(seconds: 0), .after(seconds: -1), .after(seconds: .max), .after(seconds: .min),
                .at(unixMilliseconds: clock.now), .at(unixMilliseconds: 0), .at(unixMilliseconds: -1),
                .at(unixMilliseconds: .max), .at(unixMilliseconds: .min),
            ]
            for expiry in impossible {
                #expect(await code { try await store.put(self.names, [1], KVPut([], expiry: expiry)) } == .invalidTTL)
            }
            let entry = try store.get(self.names, [1])
            #expect(entry == nil)
        }
    }

    @Test(arguments: Backend.allCases)
    func sweepRemovesExactlyTheExpired(backend: Backend) async throws {
        try await backend.withStore { store, clock in
            for index in 0..<50 {
                let expiry: KVExpiry = index % 2 == 0 ? .after(seconds: Int64(1 + index)) : .never
                try await store.put(self.names, bytes("key\(index)"), KVPut([], expiry: expiry))
            }
            // Written again, or deleted: their first expiry must be forgotten.
            try await store.put(self.names, "key0", "stays")
            try await store.put(self.names, bytes("key2"), KVPut([], expiry: .after(seconds: 100)))
            try await store.delete(self.names, bytes("key4"))
            #expect(try await store.sweep() == 0)
            clock.advance(milliseconds: 25_000)
            // 6, 8, ... 24 expire at 7, 9, ... 25 seconds.
            #expect(try await store.sweep() == 10)
            #expect(try await store.sweep() == 0)
            #expect(try store.allKeys(KVListRequest(self.names)).count == 39)
            clock.advance(milliseconds: 100_000)
            #expect(try await store.sweep() == 13)
            #expect(try store.allKeys(KVListRequest(self.names)).count == 26)
        }
    }

    @Test(arguments: Backend.allCases)
    func oneSweepIsBounded(backend: Backend) async throws {
        try await backend.withStore { store, clock in
            try await withThrowingTaskGroup { group in
                for index in 0..<1100 {
                    group.addTask {
                        try await store.put(self.names, bytes("\(index)"), KVPut([], expiry: .after(seconds: 1)))
                    }
                }
                try await group.waitForAll()
            }
            clock.advance(milliseconds: 1000)
            #expect(try await store.sweep() == 1024)
            #expect(try await store.sweep() == 76)
        }
    }

    /// The time of the machine may be set: what has expired may live again until it is swept, versions grow all the same.
    @Test(arguments: Backend.allCases)
    func aClockThatJumps(backend: Backend) async throws {
        try await backend.withStore { store, clock in
            try await store.put(self.names, [1], KVPut([], expiry: .after(seconds: 10)))
            let version = try #require(try store.get(self.names, [1])).version
            clock.advance(milliseconds: 1_000_000)
            #expect(try store.get(self.names, [1]) == nil)
            clock.advance(milliseconds: -2_000_000)
            #expect(try store.get(self.names, [1]) != nil)
            #expect(try await store.sweep() == 0)
            guard case .stored(let next) = try await store.put(self.names, [1], KVPut([], expiry: .after(seconds: 1)))
            else {
                Issue.record("a plain put stores")
                return
            }
            #expect(next > version)
            clock.advance(milliseconds: 1000)
            #expect(try store.get(self.names, [1]) == nil)
            #expect(try await store.sweep() == 1)
        }
    }
}
