import Glibc
import Synchronization
import Testing

@testable import EdgeStorage

/// The descriptors by which LMDB writes are replaced by others that fail, and given back.
@Suite("Disks that fail")
struct FaultTests {
    private let names: KVNamespace

    init() throws {
        self.names = try KVNamespace("names")
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)

        var isSet: Bool { self.value.withLock { $0 } }

        func set() {
            self.value.withLock { $0 = true }
        }
    }

    private enum Target {
        /// Data pages: LMDB's plain descriptor.
        case data
        /// Meta pages: the one that writes through to the disk.
        case meta
    }

    /// Replaces a descriptor of the data file by one of `path`, and gives it back at the end.
    private func withDescriptor(
        _ target: Target,
        of directory: String,
        replacedBy path: String,
        _ body: () async throws -> Void
    )
        async throws
    {
        let found = (0..<1024).first { (file: Int32) in
            Self.name(file) == "\(directory)/data.mdb" && (fcntl(file, F_GETFL) & O_DSYNC != 0) == (target == .meta)
        }
        let descriptor = try #require(found)
        let kept = dup(descriptor)
        let other = open(path, path == "/dev/zero" ? O_RDWR : O_RDONLY)
        defer { close(kept) }
        #expect(dup2(other, descriptor) == descriptor)
        close(other)
        try await body()
        // The store may have been opened again; the number then names another descriptor, which must stay.
        let isOurs = fcntl(descriptor, F_GETFL) & O_ACCMODE == O_RDONLY && Self.name(descriptor) == path
        if isOurs || path == "/dev/zero" {
            dup2(kept, descriptor)
        }
    }

    private static func name(_ file: Int32) -> String? {
        var name = [UInt8](repeating: 0, count: 4096)
        let count = readlink("/proc/self/fd/\(file)", &name, name.count)
        return count > 0 ? String(decoding: name[..<count], as: UTF8.self) : nil
    }

    /// Writes until the store takes one again: it refuses them for a time after a fault.
    private func putWhenAccepted(_ store: LMDBStore, _ key: String) async throws {
        // It may be one of many that run at once, under a sanitizer.
        let deadline = MonotonicTime.now() + 300_000_000_000
        while MonotonicTime.now() < deadline {
            if await code({ try await store.put(self.names, key, "after") }) == nil {
                return
            }
            await Task.yield()
        }
        Issue.record("writes are never accepted again")
    }

    private func checkFault(_ target: Target, replacedBy path: (String) -> String) async throws {
        try await withDirectory { directory in
            let notices = Mutex<[String]>([])
            var configuration = LMDBConfiguration.testing(directory)
            configuration.report = { notice in
                notices.withLock { $0.append(notice == .writesResumed ? "resumed" : "refused") }
            }
            let store = try LMDBStore(configuration)
            try await store.put(self.names, "before", "1")
            try await self.withDescriptor(target, of: directory, replacedBy: path(directory)) { () async throws in
                let code = await code { try await store.put(self.names, "lost", "1") }
                #expect(code == .io)
                #expect(text(try store.get(self.names, bytes("before"))?.value) == "1")
                #expect(try store.list(KVListRequest(self.names)).items.contains { $0.key == bytes("before") })
            }
            try await self.putWhenAccepted(store, "after")
            #expect(notices.withLock { $0 } == ["refused", "resumed"])
            store.close()
            let again = try LMDBStore(.testing(directory))
            #expect(text(try again.get(self.names, bytes("before"))?.value) == "1")
            #expect(text(try again.get(self.names, bytes("after"))?.value) == "after")
            again.close()
            #expect(try StoreCheck.run(path: directory).faults == [])
        }
    }

    @Test func dataThatCannotBeWritten() async throws {
        try await self.checkFault(.data) { "\($0)/data.mdb" }
    }

    /// /dev/zero takes every write, and cannot be flushed.
    @Test func dataThatCannotBeFlushed() async throws {
        try await self.checkFault(.data) { _ in "/dev/zero" }
    }

    /// LMDB then refuses reads too, so the store has to be opened again.
    @Test func aMetaPageThatCannotBeWritten() async throws {
        try await self.checkFault(.meta) { "\($0)/data.mdb" }
    }

    /// On threads of their own: tasks that never wait would keep the others from running.
    @Test func readersDoNotNoticeThatTheStoreIsOpenedAgain() async throws {
        try await withDirectory { directory in
            let store = try LMDBStore(.testing(directory, role: .server))
            try await store.put(self.names, "before", "1")
            let (isOver, wrong) = (Flag(), Flag())
            let names = self.names
            defer { isOver.set() }
            let readers = try (0..<2).map { _ in
                try WorkerThread {
                    while !isOver.isSet {
                        do {
                            if try store.get(names, [UInt8]("before".utf8))?.value != [UInt8]("1".utf8) {
                                wrong.set()
                            }
                        } catch {
                            wrong.set()
                        }
                    }
                }
            }
            for round in 0..<5 {
                try await self.withDescriptor(.meta, of: directory, replacedBy: "\(directory)/data.mdb") {
                    () async throws in
                    #expect(await code { try await store.put(self.names, "lost", "1") } == .io)
                }
                try await self.putWhenAccepted(store, "after\(round)")
            }
            isOver.set()
            for reader in readers {
                reader.join()
            }
            #expect(!wrong.isSet)
            store.close()
        }
    }

    @Test func aStoreThatWasMovedAwayTakesNoWrites() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/store"
            let store = try LMDBStore(.testing(path))
            try await store.put(self.names, "before", "1")
            #expect(rename(path, "\(directory)/moved") == 0)
            let error = await #expect(throws: KVError.self) { try await store.put(self.names, "lost", "1") }
            #expect(error?.code == .io)
            #expect(error?.message.contains("removed or replaced") == true)
            #expect(text(try store.get(self.names, bytes("before"))?.value) == "1")
            #expect(rename("\(directory)/moved", path) == 0)
            try await self.putWhenAccepted(store, "after")
            #expect(try store.get(self.names, bytes("lost")) == nil)
            store.close()
        }
    }

    @Test func writesAreRefusedBetweenTwoAttempts() {
        var fault = WriteFault()
        #expect(fault.refusal == nil && !fault.isDue(now: 0))
        fault.fail(KVError(.io, "it failed"), now: 1000)
        #expect(fault.refusal?.message == "it failed; writes are refused until the disk works again")
        #expect(!fault.isDue(now: 1000 + WriteFault.retryInterval - 1))
        #expect(fault.isDue(now: 1000 + WriteFault.retryInterval))
        fault.clear()
        #expect(fault.refusal == nil && !fault.isDue(now: .max))
    }
}
