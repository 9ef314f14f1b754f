import CLMDB
import Glibc

/// Checks LMDB's two meta pages before LMDB maps the file: a page that the file does not have is a SIGBUS at the first
/// touch, and LMDB aborts the process over a root that is no page. All offsets are those of LMDB 0.9 on 64 bits.
struct FileHeader {
    struct Database {
        let flags: UInt16
        let depth: UInt16
        let pages: UInt64
        let entries: UInt64
        let root: UInt64
    }

    struct Meta {
        fileprivate static let byteCount = 152

        let pageNumber: UInt64
        let pageFlags: UInt16
        let magic: UInt32
        let version: UInt32
        let pageSize: UInt32
        let free: Database
        let main: Database
        let lastPage: UInt64
        let transaction: UInt64
    }

    private static let magic: UInt32 = 0xbeef_c0de
    private static let dataVersion: UInt32 = 1
    static let noRoot = UInt64.max
    /// A tool may read the two pages between two commits of a server; they agree when read again.
    private static let attempts = 5

    private let file: Int32
    private let path: String

    /// Accepts a file that is missing or empty: LMDB makes a new store there.
    /// - Throws: `storeDamaged`, `newerFormat`, `permissionDenied`, `io`.
    static func check(_ path: String) throws(KVError) {
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT {
                return
            }
            throw SystemError.last("open", path)
        }
        defer { Glibc.close(file) }
        let header = FileHeader(file: file, path: path)
        for _ in 1..<Self.attempts {
            if (try? header.newestMeta()) != nil {
                return
            }
        }
        _ = try header.newestMeta()
    }

    /// The meta page that counts, nil for a file that is empty.
    /// - Throws: as `check(_:)`.
    static func newestMeta(of file: Int32, _ path: String) throws(KVError) -> Meta? {
        try FileHeader(file: file, path: path).newestMeta()
    }

    private func newestMeta() throws(KVError) -> Meta? {
        guard try self.size() > 0 else {
            return nil
        }
        let first = try self.meta(at: 0)
        try self.checkPage(first, number: 0)
        let second = try self.meta(at: UInt64(first.pageSize))
        try self.checkPage(second, number: 1)
        let newest = try self.newest(first, second)
        // Read after the meta pages: LMDB lengthens the file before it writes a meta page that needs it.
        let size = try self.size()
        guard first.pageSize == second.pageSize, newest.lastPage < UInt64(size) / UInt64(newest.pageSize) else {
            throw self.damaged("it is cut short: \(size) bytes, the last page is \(newest.lastPage)")
        }
        try self.checkDatabase(newest.free, newest, flags: UInt16(MDB_INTEGERKEY))
        try self.checkDatabase(newest.main, newest, flags: 0)
        return newest
    }

    private func checkPage(_ meta: Meta, number: UInt64) throws(KVError) {
        guard meta.magic == Self.magic, meta.pageFlags == 0x08, meta.pageNumber == number else {
            throw self.damaged("meta page \(number) is not LMDB's")
        }
        guard meta.version == Self.dataVersion else {
            throw KVError(
                .newerFormat,
                "'\(self.path)' has version \(meta.version) of LMDB's format; this release reads \(Self.dataVersion)"
            )
        }
        guard meta.pageSize.nonzeroBitCount == 1, (512...65_536).contains(meta.pageSize) else {
            throw self.damaged("meta page \(number) has an impossible page size")
        }
    }

    /// The page of an even transaction is 0, of an odd one 1, and the two are consecutive.
    private func newest(_ first: Meta, _ second: Meta) throws(KVError) -> Meta {
        if first.transaction == 0, second.transaction == 0 {
            return first
        }
        let (older, newer) = first.transaction < second.transaction ? (first, second) : (second, first)
        guard first.transaction.isMultiple(of: 2), !second.transaction.isMultiple(of: 2),
            newer.transaction - older.transaction == 1,
            // Every commit changes the tree and never in place, so the root moves.
            newer.main.root != older.main.root
        else {
            throw self.damaged("its two meta pages do not belong together")
        }
        return newer
    }

    private func checkDatabase(_ database: Database, _ meta: Meta, flags: UInt16) throws(KVError) {
        let isEmpty = database.root == Self.noRoot
        guard database.flags == flags, database.pages <= meta.lastPage, database.depth < 32,
            isEmpty == (database.depth == 0), isEmpty == (database.entries == 0),
            isEmpty || (2...meta.lastPage).contains(database.root)
        else {
            throw self.damaged("meta page \(meta.pageNumber) contradicts itself")
        }
        guard !isEmpty else {
            return
        }
        let page = try self.read(16, at: database.root * UInt64(meta.pageSize))
        let kind: UInt16 = Self.load(page, 10)
        let expected: UInt16 = database.depth == 1 ? 0x02 : 0x01
        guard Self.load(page, 0) as UInt64 == database.root, kind & 0x0f == expected else {
            throw self.damaged("page \(database.root) is not the root that it should be")
        }
    }

    private func meta(at offset: UInt64) throws(KVError) -> Meta {
        let page = try self.read(Meta.byteCount, at: offset)
        return Meta(
            pageNumber: Self.load(page, 0),
            pageFlags: Self.load(page, 10),
            magic: Self.load(page, 16),
            version: Self.load(page, 20),
            pageSize: Self.load(page, 40),
            free: Self.database(page, 40),
            main: Self.database(page, 88),
            lastPage: Self.load(page, 136),
            transaction: Self.load(page, 144)
        )
    }

    private static func database(_ page: [UInt8], _ offset: Int) -> Database {
        let counts: [UInt64] = [
            Self.load(page, offset + 8), Self.load(page, offset + 16), Self.load(page, offset + 24),
        ]
        return Database(
            flags: Self.load(page, offset + 4),
            depth: Self.load(page, offset + 6),
            // Garbage may not fit a sum; saturated it is as impossible.
            pages: counts.reduce(0) { sum, count in
                let (sum, overflow) = sum.addingReportingOverflow(count)
                return overflow ? .max : sum
            },
            entries: Self.load(page, offset + 32),
            root: Self.load(page, offset + 40)
        )
    }

    private static func load<Number: FixedWidthInteger>(_ page: [UInt8], _ offset: Int) -> Number {
        page.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
    }

    private func read(_ count: Int, at offset: UInt64) throws(KVError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let done = pread(self.file, &bytes, count, Int(offset))
        guard done >= 0 else {
            throw SystemError.last("read", self.path)
        }
        guard done == count else {
            throw self.damaged("it is cut short, at byte \(offset + UInt64(done))")
        }
        return bytes
    }

    private func size() throws(KVError) -> Int {
        var status = stat()
        guard fstat(self.file, &status) == 0 else {
            throw SystemError.last("look at", self.path)
        }
        return status.st_size
    }

    private func damaged(_ what: String) -> KVError {
        KVError(.storeDamaged, "'\(self.path)' is damaged: \(what); restore it from a backup")
    }
}
