import Glibc

/// The few system calls that loading needs, with `errno` as their error.
package enum FileSystem {
    package struct Failure: Error, Equatable {
        package let code: Int32
        /// The permissions of the file allow it, something else does not: as a rule the sandbox of this process.
        package let isBySandbox: Bool

        package init(code: Int32, isBySandbox: Bool = false) {
            self.code = code
            self.isBySandbox = isBySandbox
        }

        package var description: String {
            self.isBySandbox
                ? "its permissions allow it, the server's sandbox (or another security module) does not: the sandbox is for the "
                    + "folder that was there at the start. Start the server again, name a folder above in sandbox.read of "
                    + "edgehost.lua, or say --no-sandbox"
                : MessageText.system(self.code)
        }

        /// Why a path could not be opened for reading, after errno was set. A sandbox refuses to open a file, but does not
        /// change what the system says of its permissions.
        static func opening(_ path: String) -> Failure {
            let code = errno
            return Failure(code: code, isBySandbox: code == EACCES && access(path, R_OK) == 0)
        }
    }

    /// The names in a directory as bytes, without `.` and `..`, in no order.
    package static func names(in directory: String) throws(Failure) -> [[UInt8]] {
        guard let stream = opendir(directory) else { throw Failure.opening(directory) }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = self.name(of: entry)
            if name != [0x2e] && name != [0x2e, 0x2e] { names.append(name) }
        }
        if errno != 0 { throw Failure(code: errno) }
        return names
    }

    /// The status of the path itself, or of what a symbolic link points to.
    package static func status(_ path: String, followLink: Bool) throws(Failure) -> stat {
        var status = stat()
        let result = fstatat(AT_FDCWD, path, &status, followLink ? 0 : AT_SYMLINK_NOFOLLOW)
        guard result == 0 else { throw Failure(code: errno) }
        return status
    }

    /// The absolute path without symbolic links.
    static func realPath(_ path: String) throws(Failure) -> String {
        guard let resolved = realpath(path, nil) else { throw Failure(code: errno) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The content of a regular file of at most `maximum` bytes, and its identity, which did not change while it was read.
    /// Fails with `EFBIG` over the maximum, `EAGAIN` when the file keeps changing.
    static func read(_ path: String, maximum: Int) throws(Failure) -> (bytes: [UInt8], identity: FileIdentity) {
        for _ in 0..<3 {
            if let result = try self.readOnce(path, maximum: maximum) { return result }
        }
        throw Failure(code: EAGAIN)
    }

    private static func readOnce(
        _ path: String,
        maximum: Int
    ) throws(Failure) -> (bytes: [UInt8], identity: FileIdentity)? {
        // O_NONBLOCK: a file replaced by a FIFO must not block.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure.opening(path) }
        defer { close(descriptor) }
        let before = try self.status(of: descriptor)
        guard before.st_mode & S_IFMT == S_IFREG else { throw Failure(code: EINVAL) }
        let identity = FileIdentity(before)
        guard identity.size <= maximum else { throw Failure(code: EFBIG) }
        let bytes = try self.readBytes(descriptor, count: identity.size)
        let after = FileIdentity(try self.status(of: descriptor))
        return bytes.count == identity.size && after == identity ? (bytes, identity) : nil
    }

    private static func status(of descriptor: Int32) throws(Failure) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Failure(code: errno) }
        return status
    }

    private static func readBytes(_ descriptor: Int32, count: Int) throws(Failure) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { code = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        if code != 0 { throw Failure(code: code) }
        return bytes
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
        // Through the raw pointer: the kernel's record ends with the name, the struct's 256 bytes may reach past it.
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        let start = UnsafeRawPointer(entry).advanced(by: offset)
        let length = strlen(start.assumingMemoryBound(to: CChar.self))
        return Array(UnsafeRawBufferPointer(start: start, count: length))
    }
}
