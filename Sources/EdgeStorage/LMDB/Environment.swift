import CLMDB
import Glibc

/// An open LMDB environment. It closes when its last user lets go of it, so that a read in progress outlives `close`.
// Unchecked: LMDB's handle may be used by any thread; the other members never change.
final class Environment: @unchecked Sendable {
    /// The version of the layout in `docs/decisions/0002-kv-encoding.md`.
    static let format: UInt64 = 2
    /// The same address space in every process, far more than a store may hold: the map then never has to move, which
    /// would need all readers to stop, and is never full, so that deletes always work. The maximum is kept by
    /// `SpaceBudget`. Address space that no page of the file backs costs nothing.
    #if EDGE_THREAD_SANITIZER
    // ThreadSanitizer leaves a program 1.5 TB for all its mappings.
    static let mapBytes = 1 << 33
    #else
    static let mapBytes = 1 << 40
    #endif
    /// Read transactions at one time, over all processes.
    static let maximumReaders: UInt32 = 1024

    let handle: OpaquePointer
    let database: MDB_dbi
    let path: String
    /// The descriptor of the data file.
    let file: Int32
    private let directory: DataDirectory
    private let role: LMDBConfiguration.Role
    /// nil in a tool.
    let lock: ServerLock?
    private let identity: OpenStores.Identity
    /// Of the data file.
    private let (device, inode): (dev_t, ino_t)

    convenience init(_ configuration: LMDBConfiguration) throws(KVError) {
        let directory = try DataDirectory(preparing: configuration.path)
        let lock =
            configuration.role == .server
            ? try ServerLock(
                directory,
                inherited: configuration.inheritedLock,
                holder: configuration.lockHolder ?? getpid()
            ) : nil
        try self.init(directory, configuration.role, lock)
        // After an error `deinit` closes what was opened.
        try directory.markComplete()
    }

    private init(_ directory: DataDirectory, _ role: LMDBConfiguration.Role, _ lock: ServerLock?) throws(KVError) {
        self.path = directory.path
        self.directory = directory
        self.role = role
        self.lock = lock
        self.identity = try OpenStores.claim(directory.path)
        do throws(KVError) {
            try FileHeader.check(directory.dataFile)
            self.handle = try Self.open(directory.path)
        } catch {
            OpenStores.release(self.identity)
            throw error
        }
        do throws(KVError) {
            self.database = try Self.prepare(self.handle, directory.path, role)
            (self.file, self.device, self.inode) = try Self.file(self.handle, directory.path)
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

    /// What opens the store again when this environment is closed: a process may have it open once only. The lock of the
    /// server is kept in between, and nothing is written.
    func opener() -> @Sendable () throws(KVError) -> Environment {
        let (directory, role, lock) = (self.directory, self.role, self.lock)
        return { () throws(KVError) in
            guard OpenStores.waitForRelease(directory.path) else {
                throw KVError(.io, "cannot open the store in '\(directory.path)' again: a read has not ended")
            }
            return try Environment(directory, role, lock)
        }
    }

    /// LMDB refuses everything, reads too, after it failed to write a meta page.
    var isLost: Bool {
        var transaction: OpaquePointer?
        let code = mdb_txn_begin(self.handle, nil, UInt32(MDB_RDONLY), &transaction)
        if code == MDB_SUCCESS {
            mdb_txn_abort(transaction)
        }
        return code == MDB_PANIC
    }

    /// - Throws: `io` where the open file is not the one that the next start would open: what is written to it is lost.
    func checkInPlace() throws(KVError) {
        var named = stat()
        guard stat(self.directory.dataFile, &named) == 0, named.st_dev == self.device, named.st_ino == self.inode else {
            throw KVError(
                .io,
                "'\(self.directory.dataFile)' was removed or replaced while the store was open; put it back, or restart "
                    + "to use what is there now"
            )
        }
    }

    /// To be called before a write is acknowledged.
    func makeNamesDurable() throws(KVError) {
        try self.directory.makeNamesDurable()
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

    private static func file(_ handle: OpaquePointer, _ path: String) throws(KVError) -> (Int32, dev_t, ino_t) {
        var file: Int32 = -1
        let code = mdb_env_get_fd(handle, &file)
        guard code == MDB_SUCCESS else {
            throw LMDBError.make(code, "open", path: path)
        }
        var status = stat()
        guard fstat(file, &status) == 0 else {
            throw SystemError.last("look at", path)
        }
        return (file, status.st_dev, status.st_ino)
    }
}
