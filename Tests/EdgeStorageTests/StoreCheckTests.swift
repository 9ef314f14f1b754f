import Glibc
import Testing

@testable import EdgeStorage

@Suite("Checking a store")
struct StoreCheckTests {
    private let names: KVNamespace

    init() throws {
        self.names = try KVNamespace("names")
    }

    /// Entries of all kinds, and free pages; each value is told by its key.
    private func fill(_ store: LMDBStore) async throws {
        for round in 0..<2 {
            for index in 0..<200 {
                try await store.put(self.names, Self.key(index), Self.put(index))
            }
            for index in 0..<200 where index % 10 == 9 && round == 0 {
                try await store.delete(self.names, Self.key(index))
            }
        }
    }

    private static func key(_ index: Int) -> [UInt8] {
        index % 7 == 0 ? [UInt8](repeating: 1, count: 445) + bytes("\(index)") : bytes("key\(index)")
    }

    private static func put(_ index: Int) -> KVPut {
        let value = [UInt8](repeating: UInt8(index), count: index % 11 == 0 ? 9000 : index * 3)
        let expiry: KVExpiry = index % 5 == 0 ? .after(seconds: 1_000_000) : .never
        return KVPut(value, metadata: index % 3 == 0 ? [UInt8(index)] : nil, expiry: expiry)
    }

    @Test func aSoundStoreHasNoFaults() async throws {
        try await withDirectory { path in
            let store = try LMDBStore(.testing(path, role: .server))
            try await self.fill(store)
            let error = #expect(throws: KVError.self) { try StoreCheck.run(path: path) }
            #expect(error?.code == .storeHeld)
            store.close()
            let summary = try StoreCheck.run(path: path)
            #expect(summary.entries == 200)
            #expect(summary.faults == [] && summary.faultCount == 0)
            #expect(summary.pages > 30)
        }
    }

    @Test func thereMustBeAStore() async throws {
        try await withDirectory { path in
            #expect(throws: KVError.self) { try StoreCheck.run(path: path) }
            #expect(access("\(path)/server.lock", F_OK) != 0, "a mistyped path leaves nothing behind")
        }
    }

    /// What a child process that reads all of a damaged store ends with; a signal is another failure.
    private enum Ending {
        static let right: Int32 = 1
        static let error: Int32 = 10
        static let wrong: Int32 = 20
    }

    /// Damaged bytes are found by the check, and never read as data. LMDB itself may end the process over those in the
    /// pages of its tree, which is why the reading is a child's.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    func damageIsFoundAndNeverRead(seed: Int) async throws {
        try await withDirectory { path in
            let store = try LMDBStore(.testing(path))
            try await self.fill(store)
            store.close()
            let file = "\(path)/data.mdb"
            var bytes = try readFile(file)
            var random = SeededGenerator(seed: UInt64(seed))
            let used = 2 * 4096..<DamageTests.usedBytes(bytes)
            if seed.isMultiple(of: 3) {
                let start = Int.random(in: used, using: &random) & ~4095
                let other = Int.random(in: used, using: &random) & ~4095
                let page =
                    seed.isMultiple(of: 2) ? Array(bytes[other..<other + 4096]) : [UInt8](repeating: 0, count: 4096)
                bytes.replaceSubrange(start..<start + 4096, with: page)
            } else {
                for _ in 0..<40 {
                    bytes[Int.random(in: used, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
                }
            }
            try writeFile(file, bytes)
            let isSound = (try? StoreCheck.run(path: path).faultCount == 0) ?? false
            let result = await #expect(processExitsWith: .failure) { [path = path as String] in
                exit(StoreCheckTests.readAll(path))
            }
            guard let status = result?.exitStatus else {
                return
            }
            #expect(status != .exitCode(Ending.wrong), "seed \(seed): wrong data was read")
            #expect(
                status == .exitCode(Ending.right) || !isSound,
                "seed \(seed): \(status), but the check finds nothing"
            )
        }
    }

    private static func readAll(_ path: String) -> Int32 {
        guard let names = try? KVNamespace("names"), let store = try? LMDBStore(.testing(path)) else {
            return Ending.error
        }
        var ending = Ending.right
        for index in 0..<200 {
            do {
                let entry = try store.get(names, Self.key(index))
                // A key that damage hides is missing; the check finds it.
                if let entry, entry.value != Self.put(index).value || entry.metadata != Self.put(index).metadata {
                    return Ending.wrong
                }
                if entry == nil {
                    ending = Ending.error
                }
            } catch {
                ending = Ending.error
            }
        }
        return ending
    }
}
