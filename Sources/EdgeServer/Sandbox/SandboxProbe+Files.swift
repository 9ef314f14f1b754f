import Glibc

/// What Landlock decides.
extension SandboxProbe {
    /// Of this process alone: another one may be trying the same.
    private static let scratch = ".edgehost-sandbox-probe-\(getpid())"

    func checkDeniedFiles() {
        for file in ["/etc/passwd", "/etc/shadow"] {
            self.deny("read \(file)") { Self.opened(open(file, O_RDONLY | O_CLOEXEC)) }
        }
        self.deny("read the environment of the process that started this one") {
            Self.opened(open("/proc/\(getppid())/environ", O_RDONLY | O_CLOEXEC))
        }
        for folder in ["/", "/etc", "/tmp", "/proc"] {
            self.deny("list \(folder)") { Self.opened(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) }
        }
        let workers = self.options.workers
        self.deny("make a file in the workers folder") { Self.makeFile("\(workers)/\(Self.scratch)") }
        self.deny("make a folder in the workers folder") { Self.makeFolder("\(workers)/\(Self.scratch)") }
        if let file = self.someWorker {
            self.deny("write a worker's file") { Self.opened(open(file, O_WRONLY | O_CLOEXEC)) }
            // To its own name: where it is not denied nothing has changed.
            self.deny("move a worker's file") { Self.code(rename(file, file)) }
        }
        self.deny("make a file in /tmp") { Self.makeFile("/tmp/\(Self.scratch)") }
        self.deny("make a file beside the data folder") { Self.makeFile("\(self.options.data)/../\(Self.scratch)") }
        self.deny("make a link in the data folder") {
            let path = "\(self.options.data)/\(Self.scratch)"
            defer { unlink(path) }
            return Self.code(symlink("/etc/shadow", path))
        }
        self.deny("make a pipe in the data folder") {
            let path = "\(self.options.data)/\(Self.scratch)"
            defer { unlink(path) }
            return Self.code(mkfifo(path, 0o600))
        }
    }

    func checkAllowedFiles() {
        self.allow("list the workers folder") {
            Self.opened(open(self.options.workers, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        }
        if let file = self.someWorker {
            self.allow("read a worker's file") { Self.opened(open(file, O_RDONLY | O_CLOEXEC)) }
        }
        self.allow("watch the workers folder") {
            let watcher = inotify_init1(Int32(IN_CLOEXEC))
            guard watcher >= 0 else { return errno }
            defer { close(watcher) }
            return Self.code(inotify_add_watch(watcher, self.options.workers, UInt32(IN_CREATE)))
        }
        if let secrets = self.options.host.secrets, access(secrets, F_OK) == 0 {
            self.allow("list the secrets folder") { Self.opened(open(secrets, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) }
        }
        if access("/etc/resolv.conf", R_OK) == 0 {
            self.allow("read /etc/resolv.conf") { Self.opened(open("/etc/resolv.conf", O_RDONLY | O_CLOEXEC)) }
        }
        self.allow("write, rename and remove in the data folder") { self.useDataFolder() }
    }

    private func useDataFolder() -> Int32 {
        let path = "\(self.options.data)/\(Self.scratch)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        guard write(descriptor, "x", 1) == 1, ftruncate(descriptor, 0) == 0, fsync(descriptor) == 0,
            flock(descriptor, LOCK_EX) == 0, rename(path, path + "2") == 0, unlink(path + "2") == 0
        else { return errno }
        return 0
    }

    /// One file of a worker, nil where there is none.
    private var someWorker: String? {
        guard let stream = opendir(self.options.workers) else { return nil }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".lua") { return "\(self.options.workers)/\(name)" }
        }
        return nil
    }

    private static func makeFile(_ path: String) -> Int32 {
        let code = self.opened(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600))
        if code == 0 { unlink(path) }
        return code
    }

    private static func makeFolder(_ path: String) -> Int32 {
        let code = self.code(mkdir(path, 0o700))
        if code == 0 { rmdir(path) }
        return code
    }
}
