import EdgeServer
import Glibc
import Synchronization
import Testing

@Suite struct FileWatcherTests {
    /// Starts a watcher, does something, and waits until it has told so `isDone`; the time limit guards against hanging.
    private func expectTold(
        _ directory: String,
        action: () throws -> Void,
        isDone: @escaping @Sendable () -> Bool
    ) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let watcher = FileWatcher(
            directory: directory,
            onChange: { continuation.yield() },
            onError: { error in Issue.record("\(error)") }
        )
        try watcher.start()
        try action()
        for await _ in stream where isDone() { break }
        watcher.stop()
    }

    @Test(.timeLimit(.minutes(1))) func aSavedFileIsTold() async throws {
        let workspace = try Workspace()
        try await self.expectTold(workspace.workers) {
            try workspace.write("workers/a.lua")
        } isDone: {
            true
        }
    }

    @Test(.timeLimit(.minutes(1))) func filesInNewFoldersAreTold() async throws {
        let workspace = try Workspace()
        let last = workspace.path("workers/c/d/e.lua")
        try await self.expectTold(workspace.workers) {
            try workspace.write("workers/a/init.lua")
            try workspace.write("workers/c/d/e.lua")
        } isDone: {
            access(last, F_OK) == 0
        }
    }

    @Test(.timeLimit(.minutes(1))) func aDirectoryMadeLaterIsTold() async throws {
        let workspace = try Workspace()
        let file = workspace.path("later/workers/a.lua")
        try await self.expectTold(workspace.path("later/workers")) {
            try workspace.write("later/workers/a.lua")
        } isDone: {
            access(file, F_OK) == 0
        }
    }

    @Test(.timeLimit(.minutes(1))) func oneSaveAfterAnotherIsTold() async throws {
        let workspace = try Workspace()
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let watcher = FileWatcher(
            directory: workspace.workers,
            onChange: { continuation.yield() },
            onError: { error in Issue.record("\(error)") }
        )
        try watcher.start()
        var notifications = stream.makeAsyncIterator()
        for round in 0..<5 {
            try workspace.write("workers/f\(round)/init.lua")
            await notifications.next()
        }
        watcher.stop()
    }

    @Test(.timeLimit(.minutes(1))) func stopIsFinal() throws {
        let workspace = try Workspace()
        let calls = Mutex(0)
        let descriptors = try self.openDescriptors()
        for _ in 0..<20 {
            let counter = Counter()
            let watcher = FileWatcher(
                directory: workspace.workers,
                onChange: { counter.add() },
                onError: { _ in counter.add() }
            )
            try watcher.start()
            watcher.stop()
            watcher.stop()
            try workspace.write("workers/a.lua")
            calls.withLock { $0 += counter.count }
        }
        #expect(calls.withLock { $0 } == 0)
        // Others run beside this test: eighty leaked descriptors would show all the same.
        #expect(try self.openDescriptors() < descriptors + 40)
    }

    @Test(.timeLimit(.minutes(1))) func droppingStops() throws {
        let workspace = try Workspace()
        let descriptors = try self.openDescriptors()
        for _ in 0..<20 {
            let watcher = FileWatcher(directory: workspace.workers, onChange: {}, onError: { _ in })
            try watcher.start()
        }
        #expect(try self.openDescriptors() < descriptors + 40)
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)
        var count: Int { self.value.withLock { $0 } }
        func add() { self.value.withLock { $0 += 1 } }
    }

    private func openDescriptors() throws -> Int {
        let stream = try #require(opendir("/proc/self/fd"))
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        return count
    }
}
