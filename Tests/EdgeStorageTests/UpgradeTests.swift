import CLMDB
import Testing

@testable import EdgeStorage

@Suite("Stores of format 1")
struct UpgradeTests {
    private let names: KVNamespace

    init() throws {
        self.names = try KVNamespace("names")
    }

    private static let long = [UInt8](repeating: 5, count: 500)

    private func content(_ index: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(index % 256), count: index % 50 == 0 ? 9000 : 10)
    }

    /// All records, in the bytes that format 1 had for them. The cursor ends here: the end of a write transaction would free
    /// it as well.
    private func oldRecords(_ tree: Tree) throws -> [(key: [UInt8], old: [UInt8])] {
        var cursor = try EntryCursor(tree, self.names)
        try cursor.seek(atOrAfter: [])
        var found: [(key: [UInt8], old: [UInt8])] = []
        while let position = cursor.position {
            let record = position.record
            var old: [UInt8] = [record.kind.rawValue, record.metadata == nil ? 0 : 1]
            withUnsafeBytes(of: UInt16(record.metadata?.count ?? 0).littleEndian) { old += $0 }
            withUnsafeBytes(of: record.version.littleEndian) { old += $0 }
            withUnsafeBytes(of: (record.expiresAt ?? 0).littleEndian) { old += $0 }
            found.append((position.key, old + (record.metadata.map { Array($0) } ?? []) + Array(record.value)))
            try cursor.next()
        }
        return found
    }

    /// Rewrites all records of a store as format 1 had them, from an index on; those before stay.
    private func downgrade(_ path: String, keeps: Int = 0, mark: Bool = false) throws {
        let environment = try Environment(LMDBConfiguration(path: path, role: .tool))
        var transaction: OpaquePointer?
        #expect(mdb_txn_begin(environment.handle, nil, 0, &transaction) == MDB_SUCCESS)
        let tree = Tree(
            transaction: try #require(transaction),
            database: environment.database,
            scratch: KeyScratch(),
            path: path
        )
        for (key, old) in try self.oldRecords(tree).dropFirst(keeps) {
            try key.withUnsafeBytes { key in
                let head = key.count < KeyFormat.headBytes ? nil : try tree.headID(self.names, key)
                let place =
                    head.map { tree.scratch.tail($0, UnsafeRawBufferPointer(rebasing: key[KeyFormat.headBytes...])) }
                    ?? tree.scratch.entry(self.names, key)
                try old.withUnsafeBytes { try tree.put(place, $0) }
            }
        }
        try tree.setNumber("format", mark ? 2 : 1)
        if mark {
            try tree.setNumber(FormatUpgrade.marker, 1)
        }
        #expect(mdb_txn_commit(transaction) == MDB_SUCCESS)
    }

    private func checkUpgrade(keeps: Int, mark: Bool) async throws {
        try await withDirectory { path in
            let clock = ManualClock()
            let first = try LMDBStore(.testing(path, clock: clock))
            // More than one batch of the upgrade.
            for start in stride(from: 0, to: 5000, by: 1000) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in start..<start + 1000 {
                        group.addTask {
                            let put = KVPut(self.content(index), expiry: index % 10 == 0 ? .after(seconds: 9) : .never)
                            try await first.put(self.names, bytes("\(index)"), put)
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await first.put(self.names, Self.long, KVPut([1], metadata: [2]))
            let before = try first.getMany(self.names, (0..<1000).map { bytes("\($0)") })
            first.close()
            try self.downgrade(path, keeps: keeps, mark: mark)
            #expect(await code { try LMDBStore(.testing(path)).close() } == .olderFormat)
            #expect(await code { _ = try StoreCheck.run(path: path) } == .olderFormat)
            let store = try LMDBStore(.testing(path, role: .server, clock: clock))
            #expect(try store.getMany(self.names, (0..<1000).map { bytes("\($0)") }) == before)
            for index in 0..<5000 {
                #expect(try store.get(self.names, bytes("\(index)"))?.value == self.content(index))
            }
            #expect(try store.get(self.names, Self.long)?.metadata == [2])
            clock.advance(milliseconds: 10_000)
            #expect(try await store.sweep() == 500)
            store.close()
            let summary = try StoreCheck.run(path: path)
            #expect(summary.faults == [] && summary.entries == 4501)
            try LMDBStore(.testing(path)).close()
        }
    }

    @Test func aServerUpgradesIt() async throws {
        try await self.checkUpgrade(keeps: 0, mark: false)
    }

    @Test func anUpgradeThatEndedHalfwayGoesOn() async throws {
        try await self.checkUpgrade(keeps: 3000, mark: true)
    }
}
