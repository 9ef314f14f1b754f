import CLMDB
import Glibc

/// Codes of LMDB as errors of this layer.
enum LMDBError {
    /// - Parameter action: what was being done, as in "cannot ACTION the store in 'PATH'".
    static func make(_ code: Int32, _ action: String, path: String) -> KVError {
        let reason = mdb_strerror(code).map { String(cString: $0) } ?? "error \(code)"
        let what = "cannot \(action) the store in '\(path)': \(reason)"
        switch code {
        case MDB_MAP_FULL, MDB_TXN_FULL:
            return KVError(.storeFull, what)
        case MDB_READERS_FULL:
            return KVError(.overloaded, "\(what); too many reads run at the same time")
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_CURSOR_FULL, MDB_PAGE_FULL, MDB_BAD_TXN:
            return KVError(.storeDamaged, "\(what); restore the directory from a backup")
        case MDB_VERSION_MISMATCH:
            return KVError(.newerFormat, "\(what); another version of liblmdb wrote it")
        case MDB_PANIC:
            return KVError(.io, "\(what); an earlier write to the disk failed")
        case ENOSPC, EDQUOT:
            return Self.diskFull(action, path: path)
        case EIO where Self.isDiskFull(path):
            return Self.diskFull(action, path: path)
        case ENOMEM:
            return KVError(
                .io,
                "\(what); the map takes \(Environment.mapBytes) bytes of address space, see 'ulimit -v'"
            )
        default:
            return KVError(code > 0 ? SystemError.code(code) : .io, what)
        }
    }

    static func diskFull(_ action: String, path: String) -> KVError {
        KVError(.storeFull, "cannot \(action) the store in '\(path)': the disk is full; delete entries or make room")
    }

    /// LMDB reports a write that the system cut short as EIO, which is how a disk that fills mostly shows.
    private static func isDiskFull(_ path: String) -> Bool {
        var status = statvfs()
        return statvfs(path, &status) == 0 && UInt64(status.f_bavail) * UInt64(status.f_frsize) < 1 << 20
    }
}
