import Glibc

/// Held by the one server of a data directory. It belongs to the open file: whoever has a duplicate of the descriptor holds
/// it, too, which is how it passes from one server process to the next. The kernel drops it when the last one is closed,
/// however the processes end.
final class ServerLock: Sendable {
    let descriptor: Int32

    /// - Parameters:
    ///   - inherited: the open lock file of the server before; closed where it is that of another directory.
    ///   - holder: the process id to tell those who want the lock meanwhile.
    /// - Throws: `storeHeld`, with the id of the process that holds it.
    init(_ directory: DataDirectory, inherited: Int32?, holder: Int32) throws(KVError) {
        let path = directory.serverLock
        let adopted = Self.adopt(inherited, path)
        let file = if let adopted { adopted } else { try Self.open(path) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let failure = errno == EWOULDBLOCK ? Self.held(file, directory.path) : SystemError.last("lock", path)
            close(file)
            throw failure
        }
        self.descriptor = file
        guard Self.write("\(holder)\n", file) else {
            throw SystemError.last("write the lock file", path)
        }
    }

    deinit {
        close(self.descriptor)
    }

    /// Cuts off only what is left of a longer line: file systems take their time for it.
    private static func write(_ text: String, _ file: Int32) -> Bool {
        let count = text.utf8.count
        var status = stat()
        guard pwrite(file, text, count, 0) == count, fstat(file, &status) == 0 else {
            return false
        }
        return status.st_size <= count || ftruncate(file, count) == 0
    }

    private static func open(_ path: String) throws(KVError) -> Int32 {
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw SystemError.last("open the lock file", path)
        }
        return file
    }

    /// The inherited descriptor if it is the file at the path; the data directory may be another one than before.
    private static func adopt(_ inherited: Int32?, _ path: String) -> Int32? {
        guard let inherited else { return nil }
        var (ours, theirs) = (stat(), stat())
        if fstat(inherited, &ours) == 0, stat(path, &theirs) == 0, ours.st_dev == theirs.st_dev,
            ours.st_ino == theirs.st_ino
        {
            return inherited
        }
        close(inherited)
        return nil
    }

    private static func held(_ file: Int32, _ path: String) -> KVError {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = max(0, pread(file, &bytes, bytes.count, 0))
        let digits = bytes.prefix(count).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let holder =
            digits.isEmpty ? "another server" : "the server with process id \(String(decoding: digits, as: UTF8.self))"
        return KVError(
            .storeHeld,
            "the store in '\(path)' is held by \(holder); stop that one, or use another data directory"
        )
    }
}
