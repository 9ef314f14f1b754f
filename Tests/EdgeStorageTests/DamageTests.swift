import CLMDB
import Testing

@testable import EdgeStorage

@Suite("Damaged stores")
struct DamageTests {
    /// LMDB's header and meta record.
    private static let metaBytes = 152
    private static let pageBytes = 4096

    /// Makes a store of 40 entries, and gives the path of its data file and the file's bytes.
    private func withStoreFile(
        _ body: (_ path: String, _ file: String, _ bytes: [UInt8]) async throws -> Void
    )
        async throws
    {
        try await withDirectory { path in
            let store = try LMDBStore(.testing(path))
            try await self.fill(store)
            store.close()
            let file = "\(path)/data.mdb"
            try await body(path, file, try readFile(file))
        }
    }

    private func fill(_ store: LMDBStore) async throws {
        let names = try KVNamespace("names")
        for index in 0..<40 {
            try await store.put(names, bytes("key\(index)"), KVPut([UInt8](repeating: 1, count: 500)))
        }
    }

    /// The code of the error on opening; nil where the store opens and all is there.
    private func check(_ path: String, _ place: Comment? = nil) throws -> KVError.Code? {
        do throws(KVError) {
            let store = try LMDBStore(.testing(path))
            defer { store.close() }
            let names = try KVNamespace("names")
            let keys = try store.list(KVListRequest(names)).items.map(\.key)
            #expect(keys.count == 40, place)
            for key in keys {
                #expect(try store.get(names, key)?.value.count == 500)
            }
            return nil
        } catch {
            return error.code
        }
    }

    @Test func aTruncatedFileIsDamaged() async throws {
        try await self.withStoreFile { path, file, bytes in
            let page = Self.pageBytes
            let end = Self.usedBytes(bytes)
            for size in [0, 1, 15, 151, 152, page - 1, page, page + 151, 2 * page, 3 * page, end - page, end - 1] {
                try writeFile(file, Array(bytes[..<size]))
                #expect(try self.check(path) == .storeDamaged, "cut to \(size) of \(bytes.count) bytes")
            }
            try writeFile(file, bytes)
            #expect(try self.check(path) == nil)
        }
    }

    /// Up to the end of the last page; behind it lies space that puts will use.
    static func usedBytes(_ file: [UInt8]) -> Int {
        let lastPages = [136, Self.pageBytes + 136].map { offset in
            file.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
        }
        return ((lastPages.max() ?? 0) + 1) * Self.pageBytes
    }

    @Test func garbageIsDamaged() async throws {
        try await self.withStoreFile { path, file, bytes in
            var random = SeededGenerator(seed: 11)
            for _ in 0..<20 {
                let garbage = bytes[..<Self.usedBytes(bytes)].map { _ in UInt8.random(in: 0...255, using: &random) }
                try writeFile(file, garbage)
                #expect(try self.check(path) == .storeDamaged)
            }
            try writeFile(file, [UInt8](repeating: 0, count: bytes.count))
            #expect(try self.check(path) == .storeDamaged)
        }
    }

    /// A flipped byte is found, or does no harm; it never crashes and never shows other data.
    @Test func flippedBytesInTheMetaPagesDoNoHarm() async throws {
        try await self.withStoreFile { path, file, bytes in
            var found = 0
            for offset in 0..<2 * Self.metaBytes {
                let place = offset < Self.metaBytes ? offset : Self.pageBytes + offset - Self.metaBytes
                for mask: UInt8 in [0x01, 0x80, 0xff] {
                    var flipped = bytes
                    flipped[place] ^= mask
                    try writeFile(file, flipped)
                    if let code = try self.check(path, "byte \(place) ^ \(mask)") {
                        #expect(code == .storeDamaged || code == .newerFormat, "byte \(place) ^ \(mask)")
                        found += 1
                    }
                }
            }
            #expect(found > 300, "most of the header matters: \(found)")
        }
    }

    @Test func aNewerFormatIsRefused() async throws {
        try await withDirectory { path in
            try await self.withNewerFormat(path)
            #expect(try self.check(path) == .newerFormat)
        }
    }

    private func withNewerFormat(_ path: String) async throws {
        let environment = try Environment(LMDBConfiguration(path: path, role: .tool))
        var transaction: OpaquePointer?
        #expect(mdb_txn_begin(environment.handle, nil, 0, &transaction) == MDB_SUCCESS)
        let tree = Tree(
            transaction: try #require(transaction),
            database: environment.database,
            scratch: KeyScratch(),
            path: path
        )
        let newer = (Environment.format + 1).littleEndian
        try withUnsafeBytes(of: newer) { try tree.put(tree.scratch.meta("format"), $0) }
        #expect(mdb_txn_commit(transaction) == MDB_SUCCESS)
    }
}
