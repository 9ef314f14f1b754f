import CLMDB

/// An open LMDB environment. It closes when its last user lets go of it, so that a read in progress outlives `close`.
// Unchecked: LMDB's handle may be used by any thread; the other members never change.
final class Environment: @unchecked Sendable {
    /// The version of the layout in `docs/decisions/0002-kv-encoding.md`.
    static let format: UInt64 = 1
    /// The same address space in every process, far more than a store may hold: the map then never has to move, which
    /// would need all readers to stop, and is never full, so that deletes always work. The maximum is kept by
    /// `SpaceBudget`. Address space that no page of the file backs costs nothing.
    static let mapBytes = 1 << 40
    /// Read transactions at one time, over all processes.
    static let maximumReaders: UInt32 = 1024

    let handle: OpaquePointer
    let database: MDB_dbi
    let path: String
    private let lock: ServerLock?
    private let identity: OpenStores.Identity

    init(path: String, role: LMDBConfiguration.Role) throws(KVError) {
        let directory = try DataDirectory(preparing: path)
        self.path = path
        self.lock = role == .server ? try ServerLock(directory) : nil
        self.identity = try OpenStores.claim(path)
        do throws(KVError) {
            try FileHeader.check(directory.dataFile)
            self.handle = try Self.open(path)
        } catch {
            OpenStores.release(self.identity)
            throw error
        }
        do throws(KVError) {
            self.database = try Self.prepare(self.handle, path)
            try directory.markComplete()
        } catch {
            mdb_env_close(self.handle)
            OpenStores.release(self.identity)
            throw error
        }
        self.clearStaleReaders()
    }

    deinit {
        mdb_env_close(self.handle)
        OpenStores.release(self.identity)
    }

    /// Frees what readers of killed processes hold; LMDB could not reuse the space of old pages otherwise.
    func clearStaleReaders() {
        var count: Int32 = 0
        mdb_reader_check(self.handle, &count)
    }

    private static func open(_ path: String) throws(KVError) -> OpaquePointer {
        var handle: OpaquePointer?
        let code = mdb_env_create(&handle)
        guard code == MDB_SUCCESS, let handle else {
            throw LMDBError.make(code, "open", path: path)
        }
        do throws(KVError) {
            let codes = [
                mdb_env_set_mapsize(handle, Self.mapBytes),
                mdb_env_set_maxreaders(handle, Self.maximumReaders),
                mdb_env_open(handle, path, UInt32(MDB_NOTLS), 0o600),
            ]
            if let code = codes.first(where: { $0 != MDB_SUCCESS }) {
                throw LMDBError.make(code, "open", path: path)
            }
            guard Int(mdb_env_get_maxkeysize(handle)) >= KeyFormat.longestTreeKey else {
                throw KVError(.io, "this liblmdb was built for keys under \(KeyFormat.longestTreeKey) bytes")
            }
        } catch {
            mdb_env_close(handle)
            throw error
        }
        return handle
    }

    /// Opens the tree and checks its format; a new store gets its format record here.
    private static func prepare(_ handle: OpaquePointer, _ path: String) throws(KVError) -> MDB_dbi {
        var transaction: OpaquePointer?
        var code = mdb_txn_begin(handle, nil, 0, &transaction)
        guard code == MDB_SUCCESS, let transaction else {
            throw LMDBError.make(code, "open", path: path)
        }
        var database: MDB_dbi = 0
        do throws(KVError) {
            code = mdb_dbi_open(transaction, nil, 0, &database)
            guard code == MDB_SUCCESS else {
                throw LMDBError.make(code, "open", path: path)
            }
            let tree = Tree(transaction: transaction, database: database, scratch: KeyScratch(), path: path)
            try Self.checkFormat(tree)
        } catch {
            mdb_txn_abort(transaction)
            throw error
        }
        code = mdb_txn_commit(transaction)
        guard code == MDB_SUCCESS else {
            throw LMDBError.make(code, "open", path: path)
        }
        return database
    }

    private static func checkFormat(_ tree: Tree) throws(KVError) {
        let key: StaticString = "format"
        guard let bytes = try tree.get(tree.scratch.meta(key)) else {
            var status = MDB_stat()
            mdb_stat(tree.transaction, tree.database, &status)
            guard status.ms_entries == 0 else {
                throw tree.damaged("it has no format record")
            }
            let format = Self.format.littleEndian
            try withUnsafeBytes(of: format) { bytes throws(KVError) in
                try tree.put(tree.scratch.meta(key), bytes)
            }
            return
        }
        let format = try tree.number(bytes)
        guard format <= Self.format else {
            throw KVError(
                .newerFormat,
                "the store in '\(tree.path)' has format \(format); this release of edgehost reads up to \(Self.format)"
            )
        }
    }
}
