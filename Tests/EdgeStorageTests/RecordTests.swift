import CLMDB
import Testing

@testable import EdgeStorage

@Suite("Checks of records")
struct RecordTests {
    private let names: KVNamespace

    init() throws {
        self.names = try KVNamespace("names")
    }

    private func record(_ value: [UInt8], metadata: [UInt8]?, key: [UInt8], version: UInt64 = 7) -> [UInt8] {
        var bytes = [UInt8](
            repeating: 0,
            count: RecordFormat.byteCount(value: value.count, metadata: metadata?.count ?? 0)
        )
        value.withUnsafeBytes { value in
            (metadata ?? []).withUnsafeBytes { data in
                let content = RecordFormat.Content(
                    value: value,
                    kind: .json,
                    metadata: metadata == nil ? nil : data,
                    version: version,
                    expiresAt: 99
                )
                bytes.withUnsafeMutableBytes { room in
                    key.withUnsafeBytes { RecordFormat.write(content, key: $0, to: room) }
                }
            }
        }
        return bytes
    }

    private func read(_ bytes: [UInt8], key: [UInt8], _ checked: RecordFormat.Checked = .all) -> KVEntry? {
        bytes.withUnsafeBytes { bytes in
            key.withUnsafeBytes { RecordFormat.read(bytes, key: $0, checked: checked).map { KVEntry($0) } }
        }
    }

    @Test func everyFlippedBitIsFound() throws {
        for size in [0, 1, 7, 8, 9, 31, 32, 33, 64, 100] {
            let value = (0..<size).map { UInt8($0) }
            let bytes = self.record(value, metadata: size == 9 ? nil : [1, 2, 3], key: [2, 3])
            let entry = try #require(self.read(bytes, key: [2, 3]))
            #expect(entry.value == value && entry.version == 7 && entry.expiresAt == 99 && entry.kind == .json)
            for bit in 0..<8 * bytes.count {
                var flipped = bytes
                flipped[bit / 8] ^= 1 << (bit % 8)
                #expect(self.read(flipped, key: [2, 3]) == nil, "size \(size), bit \(bit)")
            }
            for count in 0..<bytes.count {
                #expect(self.read(Array(bytes[..<count]), key: [2, 3]) == nil)
            }
            #expect(self.read(bytes, key: [2, 4]) == nil, "it belongs to its key")
        }
    }

    @Test func theValueBelongsToItsVersion() {
        let (one, two) = (
            self.record([1], metadata: nil, key: [1]), self.record([2], metadata: nil, key: [1], version: 8)
        )
        #expect(self.read(Array(one.dropLast()) + [2], key: [1]) == nil)
        #expect(self.read(Array(one[..<20]) + two[20...], key: [1]) == nil)
        #expect(self.read(Array(one.dropLast()) + [2], key: [1], .head) != nil, "a listing leaves the value alone")
    }

    @Test func sumsOfRandomBytesDiffer() {
        var random = SeededGenerator(seed: 3)
        var sums: Set<UInt64> = []
        for index in 0..<20_000 {
            let bytes = (0..<index % 200).map { _ in UInt8.random(in: 0...1, using: &random) }
            bytes.withUnsafeBytes { _ = sums.insert(Checksum.sum($0, seed: UInt64(index))) }
        }
        #expect(sums.count == 20_000)
    }

    /// Changes one byte of each value in the file, which are runs of one byte.
    private func withDamagedValue(_ body: (LMDBStore, [UInt8]) async throws -> Void) async throws {
        for key in [bytes("key"), [UInt8](repeating: 5, count: 500)] {
            for size in [100, 10_000] {
                try await withDirectory { path in
                    let first = try LMDBStore(.testing(path))
                    let put = KVPut([UInt8](repeating: 0xa7, count: size), expiry: .after(seconds: 1000))
                    try await first.put(self.names, key, put)
                    try await first.put(self.names, "other", "1")
                    first.close()
                    var file = try readFile("\(path)/data.mdb")
                    let run = ArraySlice([UInt8](repeating: 0xa7, count: 50))
                    for start in 0..<file.count - 50 where file[start] == 0xa7 && file[start..<start + 50] == run {
                        file[start + 25] ^= 0x10
                    }
                    try writeFile("\(path)/data.mdb", file)
                    let faults = try StoreCheck.run(path: path).faults
                    #expect(faults.count == 1 && faults[0].contains("does not match its checksum"))
                    let store = try LMDBStore(.testing(path))
                    try await body(store, key)
                    store.close()
                    #expect(try StoreCheck.run(path: path).faults == [])
                }
            }
        }
    }

    @Test func aDamagedValueIsAnErrorAndPutMendsIt() async throws {
        try await self.withDamagedValue { (store, key) async throws in
            let error = #expect(throws: KVError.self) { try store.get(self.names, key) }
            #expect(error?.code == .storeDamaged)
            #expect(error?.message.contains("checksum") == true)
            #expect(text(try store.get(self.names, bytes("other"))?.value) == "1")
            let swap = KVMutation.Operation.compareAndPut(expected: [1], KVPut([2]))
            #expect(await code { _ = try await store.write(KVMutation(self.names, key, swap)) } == .storeDamaged)
            let add = KVMutation.Operation.increment(by: 1, initial: 0, expiry: nil)
            #expect(await code { _ = try await store.write(KVMutation(self.names, key, add)) } == .storeDamaged)
            try await store.put(self.names, key, KVPut([3]))
            #expect(try store.get(self.names, key)?.value == [3])
        }
    }

    @Test func aDamagedValueCanBeDeleted() async throws {
        try await self.withDamagedValue { (store, key) async throws in
            #expect(try await store.delete(self.names, key) == .deleted(existed: true))
            #expect(try store.get(self.names, key) == nil)
            #expect(try store.allKeys(KVListRequest(self.names)) == [bytes("other")])
        }
    }
}
