import EdgeStorage
import Glibc
import Testing

@Suite("Opening an LMDB store")
struct OpeningTests {
    private let names: KVNamespace

    init() throws {
        self.names = try KVNamespace("names")
    }

    private func openingError(_ path: String, role: LMDBConfiguration.Role = .tool) -> KVError? {
        do throws(KVError) {
            try LMDBStore(.testing(path, role: role)).close()
            return nil
        } catch {
            return error
        }
    }

    @Test func aSecondServerIsToldWhoHoldsTheStore() async throws {
        try await withDirectory { path in
            let store = try LMDBStore(.testing(path, role: .server))
            let error = try #require(self.openingError(path, role: .server))
            #expect(error.code == .storeHeld)
            #expect(error.message.contains("process id \(getpid());"))
            #expect(error.message.contains(path))
            store.close()
            #expect(self.openingError(path, role: .server) == nil)
        }
    }

    /// Whether a server can open the store within a minute. A process that another test is starting has all files open until
    /// its exec, also a lock.
    private func becomesFree(_ path: String) -> Bool {
        let deadline = time(nil) + 60
        while self.openingError(path, role: .server) != nil {
            guard time(nil) < deadline else { return false }
            sched_yield()
        }
        return true
    }

    /// Closed by exec: a process that another test starts must not hold the lock.
    private func duplicate(_ descriptor: Int32) -> Int32 {
        fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    }

    @Test func aDuplicateOfTheLockKeepsStrangersOutAndLetsAnHeirIn() async throws {
        try await withDirectory { path in
            var configuration = LMDBConfiguration.testing(path, role: .server)
            configuration.lockHolder = 4711
            let store = try LMDBStore(configuration)
            let kept = self.duplicate(try #require(store.lockDescriptor))
            store.close()
            #expect(store.lockDescriptor == nil)
            let error = try #require(self.openingError(path, role: .server))
            #expect(error.code == .storeHeld)
            #expect(error.message.contains("process id 4711;"))
            configuration.inheritedLock = self.duplicate(kept)
            let heir = try LMDBStore(configuration)
            _ = try await heir.increment(self.names, "heir")
            heir.close()
            #expect(self.openingError(path, role: .server)?.code == .storeHeld)
            close(kept)
            #expect(self.becomesFree(path))
        }
    }

    @Test func theLockOfAnotherDirectoryIsOfNoUse() async throws {
        try await withDirectory { path in
            let store = try LMDBStore(.testing(path, role: .server))
            let other = "\(path)/other"
            var configuration = LMDBConfiguration.testing(other, role: .server)
            let inherited = self.duplicate(try #require(store.lockDescriptor))
            configuration.inheritedLock = inherited
            let second = try LMDBStore(configuration)
            #expect(second.lockDescriptor != nil)
            store.close()
            #expect(self.becomesFree(path), "the duplicate was closed")
            second.close()
        }
    }

    @Test func oneProcessOpensAStoreOnce() async throws {
        try await withDirectory { path in
            let store = try LMDBStore(.testing(path, role: .server))
            #expect(self.openingError(path)?.code == .storeHeld)
            #expect(self.openingError("\(path)/.")?.code == .storeHeld)
            store.close()
            #expect(self.openingError(path) == nil)
        }
    }

    @Test func aToolSharesTheStoreWithAServer() async throws {
        try await withDirectory { path in
            let store = try LMDBStore(.testing(path, role: .server))
            _ = try await store.increment(self.names, "shared")
            let before = try #require(try store.get(self.names, bytes("shared"))).version
            await #expect(processExitsWith: .success) { [path = path as String] in
                let tool = try LMDBStore(LMDBConfiguration(path: path, role: .tool))
                let names = try KVNamespace("names")
                let operation = KVMutation.Operation.increment(by: 1, initial: 0, expiry: nil)
                let outcome = try await tool.write(KVMutation(names, Array("shared".utf8), operation))
                guard case .incremented(2, _) = outcome else {
                    exit(1)
                }
                // Not closed: the server has to cope with a process that just ends.
                exit(0)
            }
            let after = try #require(try store.get(self.names, bytes("shared")))
            #expect(text(after.value) == "2")
            #expect(after.version > before)
            #expect(try await store.increment(self.names, "shared") == 3)
            let last = try #require(try store.get(self.names, bytes("shared"))).version
            #expect(last > after.version)
            store.close()
        }
    }

    @Test func acknowledgedWritesSurviveKill() async throws {
        try await withDirectory { path in
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                let store = try LMDBStore(LMDBConfiguration(path: path, role: .server))
                let names = try KVNamespace("names")
                let file = open("\(path)/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
                for index in 0..<1000 {
                    store.write(KVMutation(names, Array("\(index)".utf8), .put(KVPut([]), .none))) { result in
                        guard case .success = result else {
                            return
                        }
                        let line = "\(index)\n"
                        write(file, line, line.utf8.count)
                        if index == 700 {
                            kill(getpid(), SIGKILL)
                        }
                    }
                }
                store.close()
            }
            let lines = try readFile("\(path)/acknowledged").split(separator: 10)
            #expect(lines.count >= 700)
            let store = try LMDBStore(.testing(path, role: .server))
            for line in lines {
                #expect(try store.get(self.names, Array(line)) != nil)
            }
            store.close()
        }
    }

    @Test func aCommitThatFailsChangesNothing() async throws {
        try await withDirectory { path in
            await #expect(processExitsWith: .success) { [path = path as String] in
                let names = try KVNamespace("names")
                let store = try LMDBStore(LMDBConfiguration(path: path, role: .server))
                func put(_ key: String, _ count: Int) async -> KVError.Code? {
                    let put = KVPut([UInt8](repeating: 1, count: count))
                    do throws(KVError) {
                        _ = try await store.write(KVMutation(names, Array(key.utf8), .put(put, .none)))
                        return nil
                    } catch {
                        return error.code
                    }
                }
                signal(SIGXFSZ, SIG_IGN)
                let first = await put("before", 1000)
                var limit = rlimit(rlim_cur: 100_000, rlim_max: rlim_t.max)
                setrlimit(__rlimit_resource_t(1), &limit)
                let second = await put("large", 1_000_000)
                limit.rlim_cur = rlim_t.max
                setrlimit(__rlimit_resource_t(1), &limit)
                // After a commit that failed, the store tries the disk again a little later.
                var third = await put("after", 1000)
                while third == .io {
                    third = await put("after", 1000)
                }
                let keys = try store.list(KVListRequest(names)).items.map { String(decoding: $0.key, as: UTF8.self) }
                // LMDB calls a write that the limit cuts short EIO.
                let isRefused = second == .io || second == .storeFull
                precondition(first == nil && isRefused && third == nil, "only the large put fails")
                precondition(keys == ["after", "before"], "\(keys)")
                exit(0)
            }
        }
    }

    @Test func aNewDirectoryIsPrivate() async throws {
        try await withDirectory { path in
            let nested = "\(path)/a/b"
            #expect(self.openingError(nested, role: .server) == nil)
            for (name, mode) in [("", 0o700), ("/data.mdb", 0o600), ("/lock.mdb", 0o600), ("/server.lock", 0o600)] {
                var status = stat()
                #expect(stat(nested + name, &status) == 0)
                #expect(Int(status.st_mode) & 0o777 == mode, "\(name)")
            }
        }
    }

    @Test func aPathThatIsAFileIsRefused() async throws {
        try await withDirectory { path in
            try writeFile("\(path)/file", bytes("hello"))
            let error = try #require(self.openingError("\(path)/file"))
            #expect(error.code == .io)
            #expect(error.message.contains("is a file"))
            #expect(self.openingError("\(path)/file/below") != nil)
            #expect(self.openingError("") != nil)
        }
    }

    @Test func aDirectoryWithoutPermissionIsRefused() async throws {
        try await withDirectory { path in
            await #expect(processExitsWith: .success) { [path = path as String] in
                // Root may do anything, so the child becomes nobody.
                if getuid() == 0 {
                    chmod(path, 0o700)
                    setuid(65_534)
                } else {
                    chmod(path, 0o500)
                }
                do throws(KVError) {
                    _ = try LMDBStore(LMDBConfiguration(path: path, role: .server))
                    exit(1)
                } catch {
                    exit(error.code == .permissionDenied ? 0 : 2)
                }
            }
            chmod(path, 0o700)
        }
    }
}
