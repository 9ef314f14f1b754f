import Glibc

/// Held by the one server of a data directory. The kernel drops it when the process ends, however it ends.
final class ServerLock: Sendable {
    private let file: Int32

    /// - Throws: `storeHeld`, with the id of the process that holds it.
    init(_ directory: DataDirectory) throws(KVError) {
        let path = directory.serverLock
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw SystemError.last("open the lock file", path)
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let failure = errno == EWOULDBLOCK ? Self.held(file, directory.path) : SystemError.last("lock", path)
            Glibc.close(file)
            throw failure
        }
        self.file = file
        let text = "\(getpid())\n"
        guard ftruncate(file, 0) == 0, pwrite(file, text, text.utf8.count, 0) == text.utf8.count else {
            throw SystemError.last("write the lock file", path)
        }
    }

    deinit {
        Glibc.close(self.file)
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
