import Synchronization
import Testing

@testable import EdgeStorage

@Suite("The server's own sweep")
struct ServerSweepTests {
    @Test func aServerRemovesExpiredEntriesByItself() async throws {
        try await withDirectory { path in
            let names = try KVNamespace("names")
            let clock = ManualClock()
            let (ticks, tick) = AsyncStream.makeStream(of: Void.self)
            let counts = Mutex(false)
            var configuration = LMDBConfiguration.testing(path, role: .server)
            configuration.clock = {
                if counts.withLock({ $0 }) {
                    tick.yield()
                }
                return clock.now
            }
            let store = try LMDBStore(configuration)
            try await store.put(names, [1], KVPut([], expiry: .after(seconds: 1)))
            try await store.put(names, [2], KVPut([]))
            clock.advance(milliseconds: 1000)
            counts.withLock { $0 = true }
            // The writer reads the clock for a look and for a sweep. A third time means that one sweep is complete.
            var reads = 0
            for await _ in ticks {
                reads += 1
                if reads == 3 {
                    break
                }
            }
            store.close()
            let pool = ReaderPool(try Environment(LMDBConfiguration(path: path, role: .tool)))
            let hasExpired = try pool.withReader { reader throws(KVError) in try reader.hasExpired(now: clock.now) }
            #expect(!hasExpired)
            pool.close()
            let kept = try LMDBStore(.testing(path, clock: clock))
            #expect(try kept.allKeys(KVListRequest(names)) == [[2]])
            kept.close()
        }
    }
}
