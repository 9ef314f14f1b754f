import Glibc

/// A folder of files that only this user, and nobody else, can have written: it and they belong to the user, and are closed to all
/// others. Whatever else lies in it is as if it were not there.
final class ImageFolder: Sendable {
    typealias Failure = FileSystem.Failure

    let path: String
    private let descriptor: Int32

    /// Makes the folder where it is missing.
    init(preparing path: String) throws(Failure) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Failure(code: errno) }
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        guard Self.isPrivate(descriptor, S_IFDIR) else {
            close(descriptor)
            throw Failure(code: EPERM)
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(self.descriptor)
    }

    /// A new descriptor of the file, to read; -1 with errno set where there is none that can be trusted.
    func open(_ name: String) -> Int32 {
        // O_NONBLOCK: a FIFO must not block.
        let file = openat(self.descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return -1 }
        guard Self.isPrivate(file, S_IFREG) else {
            close(file)
            errno = EPERM
            return -1
        }
        return file
    }

    /// Writes a file whole: who reads sees the old one or the new one. After a crash of the machine it may be damaged; readers
    /// know it by its checksum. Returns why it could not be written.
    func write(_ name: String, _ parts: [UnsafeRawBufferPointer]) -> Failure? {
        let scratch = "\(Self.scratchPrefix)\(getpid())-\(name)"
        unlinkat(self.descriptor, scratch, 0)
        let file = openat(self.descriptor, scratch, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return Failure(code: errno) }
        let code = Self.write(parts, to: file)
        close(file)
        guard code == 0, renameat(self.descriptor, scratch, self.descriptor, name) == 0 else {
            let failure = Failure(code: code == 0 ? errno : code)
            unlinkat(self.descriptor, scratch, 0)
            return failure
        }
        return nil
    }

    func remove(_ name: String) {
        unlinkat(self.descriptor, name, 0)
    }

    /// Removes what `isStale` says, given a name and a way to ask how many seconds ago the file was written.
    func clean(_ isStale: (String, () -> Int) -> Bool) {
        for name in self.names where isStale(name, { self.age(name) }) { self.remove(name) }
    }

    /// The names in the folder, whatever they are of; none where it can't be read.
    var names: [String] {
        ((try? FileSystem.names(in: self.path)) ?? []).map { String(decoding: $0, as: UTF8.self) }
    }

    private func age(_ name: String) -> Int {
        var status = stat()
        guard fstatat(self.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return 0 }
        return time(nil) - status.st_mtim.tv_sec
    }

    static let scratchPrefix = ".new-"

    private static func isPrivate(_ descriptor: Int32, _ kind: mode_t) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == kind && status.st_mode & 0o077 == 0
            && status.st_uid == geteuid()
    }

    /// 0 or an errno.
    private static func write(_ parts: [UnsafeRawBufferPointer], to file: Int32) -> Int32 {
        for part in parts {
            var rest = part[...]
            while !rest.isEmpty {
                let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return errno }
                rest = rest.dropFirst(count)
            }
        }
        return 0
    }
}
