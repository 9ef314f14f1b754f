import EdgeStorage
import Glibc
import Synchronization
import Testing

@Suite("LMDB store")
struct LMDBStoreTests {
    private let names: KVNamespace

    init() throws {
        self.names = try KVNamespace("names")
    }

    @Test func everythingSurvivesReopening() async throws {
        try await withDirectory { path in
            let clock = ManualClock()
            let long = [UInt8](repeating: 9, count: 512)
            var store = try LMDBStore(.testing(path, role: .server, clock: clock))
            try await store.put(
                self.names,
                bytes("a"),
                KVPut([1], kind: .json, metadata: [2], expiry: .after(seconds: 9))
            )
            try await store.put(self.names, long, KVPut([3]))
            let before = try store.getMany(self.names, [bytes("a"), long])
            store.close()
            store = try LMDBStore(.testing(path, role: .server, clock: clock))
            #expect(try store.getMany(self.names, [bytes("a"), long]) == before)
            let last = try #require(before[1]).version
            guard case .stored(let version) = try await store.put(self.names, bytes("b"), KVPut([])) else {
                Issue.record("a plain put stores")
                return
            }
            #expect(version > last)
            store.close()
        }
    }

    @Test func closeDrainsWhatWasAccepted() async throws {
        try await withDirectory { path in
            let completed = Mutex(0)
            var store = try LMDBStore(.testing(path))
            for index in 0..<500 {
                store.write(KVMutation(self.names, bytes("\(index)"), .put(KVPut([]), .none))) { result in
                    if case .success(.stored) = result {
                        completed.withLock { $0 += 1 }
                    }
                }
            }
            store.close()
            #expect(completed.withLock { $0 } == 500)
            store = try LMDBStore(.testing(path))
            #expect(try store.allKeys(KVListRequest(self.names)).count == 500)
        }
    }

    @Test func droppingAStoreWithoutClosingReleasesIt() async throws {
        try await withDirectory { path in
            for _ in 0..<3 {
                let store = try LMDBStore(.testing(path, role: .server))
                _ = try await store.increment(self.names, "opened")
            }
            let store = try LMDBStore(.testing(path, role: .server))
            #expect(text(try store.get(self.names, bytes("opened"))?.value) == "3")
        }
    }

    @Test func contendedIncrementsAreAllCounted() async throws {
        try await withDirectory { path in
            let store = try LMDBStore(.testing(path))
            let sums = try await withThrowingTaskGroup(of: [Int64?].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var sums: [Int64?] = []
                        for _ in 0..<100 {
                            sums.append(try await store.increment(self.names, "counter"))
                        }
                        return sums
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(sums) == Set((1...800).map { Int64($0) }))
            #expect(text(try store.get(self.names, bytes("counter"))?.value) == "800")
        }
    }

    @Test func anAcknowledgedWriteIsSeenByEveryThread() async throws {
        try await withDirectory { path in
            let store = try LMDBStore(.testing(path))
            for index in 0..<100 {
                try await store.put(self.names, "a", "\(index)")
                let seen = try await withThrowingTaskGroup(of: String?.self) { group in
                    for _ in 0..<4 {
                        group.addTask { text(try store.get(self.names, bytes("a"))?.value) }
                    }
                    return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
                }
                #expect(seen == ["\(index)"])
            }
        }
    }

    @Test func aMutationThatFailsLeavesItsGroupAlone() async throws {
        try await withDirectory { path in
            let store = try LMDBStore(.testing(path))
            try await store.put(self.names, "text", "x")
            let results = Mutex<[Int: Result<KVOutcome, KVError>]>([:])
            // One after the other without waiting: the writer takes them in few groups.
            for index in 0..<60 {
                let operation: KVMutation.Operation =
                    index % 3 == 0 ? .increment(by: 1, initial: 0, expiry: nil) : .put(KVPut([1]), .ifAbsent)
                let key = index % 3 == 0 ? "text" : "key\(index / 3)"
                store.write(KVMutation(self.names, bytes(key), operation)) { result in
                    results.withLock { $0[index] = result }
                }
            }
            store.close()
            for (index, result) in results.withLock({ $0 }) {
                switch (index % 3, result) {
                case (0, .failure(let error)): #expect(error.code == .notANumber)
                case (1, .success(.stored)), (2, .success(.conflict)): break
                default: Issue.record("write \(index) gave \(result)")
                }
            }
            #expect(results.withLock { $0.count } == 60)
        }
    }

    @Test func aFullQueueRefusesAtOnce() async throws {
        try await withDirectory { path in
            var configuration = LMDBConfiguration.testing(path)
            configuration.maximumQueuedWrites = 3
            let store = try LMDBStore(configuration)
            let counts = Mutex((stored: 0, overloaded: 0))
            let gate = Mutex(())
            let mutation = KVMutation(self.names, bytes("a"), .put(KVPut([]), .none))
            // The writer thread is held inside the first completion, so that the others stay in the queue.
            gate.withLock { _ in
                store.write(mutation) { _ in gate.withLock { _ in } }
                for _ in 0..<10 {
                    store.write(mutation) { result in
                        switch result {
                        case .success: counts.withLock { $0.stored += 1 }
                        case .failure(let error) where error.code == .overloaded:
                            counts.withLock { $0.overloaded += 1 }
                        case .failure(let error): Issue.record("\(error)")
                        }
                    }
                }
                // At most the three that are waiting, and the one whose completion is running.
                #expect(counts.withLock { $0.overloaded } >= 7)
            }
            store.close()
            #expect(counts.withLock { $0.stored + $0.overloaded } == 10)
            #expect(counts.withLock { $0.stored } >= 2)
        }
    }

    @Test func aFullStoreStillDeletes() async throws {
        try await withDirectory { path in
            var configuration = LMDBConfiguration.testing(path)
            configuration.maximumBytes = 4 << 20
            let store = try LMDBStore(configuration)
            let value = [UInt8](repeating: 1, count: 50_000)
            var stored = 0
            let code = await code {
                for index in 0..<200 {
                    try await store.put(self.names, bytes("\(index)"), KVPut(value))
                    stored += 1
                }
            }
            #expect(code == .storeFull)
            #expect((40...80).contains(stored), "4 MiB hold about 78 values of 50 kB: \(stored)")
            for index in 0..<stored / 2 {
                #expect(try await store.delete(self.names, bytes("\(index)")) == .deleted(existed: true))
            }
            // Pages become free two commits after their entries went.
            try await store.put(self.names, "small", "1")
            for index in 0..<stored / 3 {
                try await store.put(self.names, bytes("again\(index)"), KVPut(value))
            }
            let size = try readFile("\(path)/data.mdb").count
            #expect(size <= 5 << 20)
        }
    }

    @Test func closingFromACompletionDoesNotHang() async throws {
        try await withDirectory { path in
            let store = try LMDBStore(.testing(path))
            await withCheckedContinuation { continuation in
                store.write(KVMutation(self.names, [1], .put(KVPut([]), .none))) { _ in
                    store.close()
                    continuation.resume()
                }
            }
            #expect(await code { try await store.put(self.names, [1], KVPut([])) } == .closed)
        }
    }
}
