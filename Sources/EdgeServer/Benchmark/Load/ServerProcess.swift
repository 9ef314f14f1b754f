import Glibc

/// A server of this executable in a process of its own, on a free port of the loopback, with a store of its own.
struct ServerProcess: ~Copyable {
    let pid: Int32
    let endpoint: HTTPEndpoint
    private let output: Int32
    private let folder: TemporaryFolder

    /// For a server to load its workers and listen, in ms.
    private static let startMilliseconds = 60_000
    /// For a server to finish what it does when it is told to end, in ms.
    private static let stopMilliseconds = 40_000
    private static let maximumOutput = 1 << 20

    /// Starts it; returns when it listens.
    static func start(workers: String?, config: String?) throws(LoadError) -> ServerProcess {
        guard let executable = Self.executable else { throw LoadError("the path of this executable can't be read") }
        let folder = try TemporaryFolder(prefix: "edgehost-bench")
        var arguments = [executable, "serve", "--listen", "127.0.0.1:0", "--data", "\(folder.path)/data"]
        if let workers { arguments += ["--workers", workers] }
        if let config { arguments += ["--config", config] }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw LoadError(Self.reason("pipe", errno)) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let pid: Int32
        do {
            pid = try Self.spawn(arguments, output: ends[1], errors: "\(folder.path)/errors")
            close(ends[1])
        } catch {
            for end in ends { close(end) }
            throw error
        }
        guard let endpoint = Self.awaitEndpoint(ends[0]) else {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            close(ends[0])
            let errors = readWholeFile("\(folder.path)/errors", limit: Self.maximumOutput) ?? []
            throw LoadError("the server did not start\n" + String(decoding: errors.suffix(4096), as: UTF8.self))
        }
        return ServerProcess(pid: pid, endpoint: endpoint, output: ends[0], folder: folder)
    }

    private init(pid: Int32, endpoint: HTTPEndpoint, output: Int32, folder: consuming TemporaryFolder) {
        self.pid = pid
        self.endpoint = endpoint
        self.output = output
        self.folder = folder
    }

    /// Ends it as an operator does, and by force when that takes too long.
    deinit {
        kill(self.pid, SIGTERM)
        for _ in 0..<Self.stopMilliseconds / 10 {
            if waitpid(self.pid, nil, WNOHANG) != 0 {
                close(self.output)
                return
            }
            usleep(10_000)
        }
        kill(self.pid, SIGKILL)
        waitpid(self.pid, nil, 0)
        close(self.output)
    }

    private static var executable: String? {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count)
        guard count > 0, count < path.count else { return nil }
        return String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// - Parameter errors: the file for its log.
    private static func spawn(_ arguments: [String], output: Int32, errors: String) throws(LoadError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // A group of its own: an interrupt at the terminal is this process's, which ends the server after it. And no
        // signal that this process has blocked is blocked there.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var pid: Int32 = 0
        let code = posix_spawn(&pid, arguments[0], &actions, &attributes, pointers, environ)
        guard code == 0 else { throw LoadError(Self.reason(arguments[0], code)) }
        return pid
    }

    /// Reads lines up to the one that tells where the server listens; nil when it ends or takes too long.
    private static func awaitEndpoint(_ descriptor: Int32) -> HTTPEndpoint? {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while text.count < Self.maximumOutput, poll(&waiting, 1, Int32(Self.startMilliseconds)) > 0 {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return nil }
            text += buffer[..<count]
            let lines = text.split(separator: 0x0a, omittingEmptySubsequences: false).dropLast()
            let prefix = "listening on http://"
            if let line = lines.map({ String(decoding: $0, as: UTF8.self) }).first(where: { $0.hasPrefix(prefix) }) {
                return try? HTTPEndpoint(parsing: String(line.dropFirst(prefix.count)))
            }
        }
        return nil
    }

    private static func reason(_ what: String, _ code: Int32) -> String {
        "the server can't be started: \(what): \(String(cString: strerror(code)))"
    }
}
