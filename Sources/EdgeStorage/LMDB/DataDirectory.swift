import Glibc

/// The files of a store: `data.mdb` and `lock.mdb` are LMDB's, `server.lock` names the server, and `FORMAT` says that
/// the store was once complete, so that a data file lost or emptied later is an error and not an empty store.
struct DataDirectory {
    let path: String

    var dataFile: String { "\(self.path)/data.mdb" }
    var serverLock: String { "\(self.path)/server.lock" }
    private var marker: String { "\(self.path)/FORMAT" }

    /// Makes the directory, and those above it, where they are missing.
    init(preparing path: String) throws(KVError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw KVError(.io, "the path of the data directory is empty or holds a NUL byte")
        }
        self.path = path
        try Self.make(path)
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw SystemError.last("look at the data directory", path)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw KVError(.io, "the data directory '\(path)' is a file; name a directory")
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            throw SystemError.last("use the data directory", path)
        }
        try self.checkNotLost()
    }

    /// - Throws: where there is no store.
    init(existing path: String) throws(KVError) {
        self.path = path
        guard access(self.dataFile, F_OK) == 0 else {
            throw SystemError.last("find the store", path)
        }
    }

    /// Records that the store is complete.
    func markComplete() throws(KVError) {
        guard access(self.marker, F_OK) != 0 else {
            return
        }
        let file = open(self.marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw SystemError.last("create", self.marker)
        }
        defer { Glibc.close(file) }
        let text = "edgehost-kv \(Environment.format)\n"
        guard write(file, text, text.utf8.count) == text.utf8.count, fsync(file) == 0 else {
            throw SystemError.last("write", self.marker)
        }
        try self.makeNamesDurable()
    }

    /// What was made, copied or moved into the directory is there after the power failed, too.
    func makeNamesDurable() throws(KVError) {
        try Self.synchronise(self.path)
    }

    private func checkNotLost() throws(KVError) {
        guard access(self.marker, F_OK) == 0 else {
            return
        }
        var status = stat()
        guard stat(self.dataFile, &status) == 0, status.st_size > 0 else {
            throw KVError(
                .storeDamaged,
                "'\(self.dataFile)' is missing or empty, but the store held data once; restore it from a backup, "
                    + "or remove '\(self.path)' to begin anew"
            )
        }
    }

    private static func make(_ path: String) throws(KVError) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else {
            return
        }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw SystemError.last("make the data directory", path)
        }
        let parent = String(path[..<slash])
        try Self.make(parent)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw SystemError.last("make the data directory", path)
        }
        try Self.synchronise(parent)
    }

    private static func synchronise(_ path: String) throws(KVError) {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else {
            throw SystemError.last("open", path)
        }
        defer { Glibc.close(directory) }
        guard fsync(directory) == 0 else {
            throw SystemError.last("flush", path)
        }
    }
}
