import Glibc
import Testing

@testable import EdgeServer

/// inotify queues an event before the system call that caused it returns, so these tests need not wait.
@Suite struct WatchedTreeTests {
    private final class Watched {
        let inotify: Inotify
        let tree: WatchedTree

        init(_ directory: String) throws {
            self.inotify = try Inotify()
            self.tree = try WatchedTree(directory: directory, inotify: self.inotify)
            try self.tree.synchronize()
        }

        /// Whether the action is told of as a change. Handles all events, those of new watches too.
        func isToldOf(_ action: () throws -> Void) throws -> Bool {
            try action()
            var isChange = false
            while true {
                let events = try self.inotify.read()
                if events.isEmpty { return isChange }
                let reactions = events.map { self.tree.reaction(to: $0) }
                isChange = isChange || reactions.contains { $0.isChange }
                if reactions.contains(where: \.needsSynchronizing) { try self.tree.synchronize() }
            }
        }
    }

    @Test func filesAndFoldersAreTold() throws {
        let workspace = try Workspace()
        try workspace.write("workers/a.lua")
        try workspace.write("workers/shop/init.lua")
        try workspace.write("workers/.git/x")
        let watched = try Watched(workspace.workers)
        #expect(try watched.isToldOf { try workspace.write("workers/a.lua", "b") })
        #expect(try watched.isToldOf { try workspace.write("workers/new.lua") })
        #expect(try watched.isToldOf { try workspace.move("workers/new.lua", to: "workers/newer.lua") })
        #expect(try watched.isToldOf { workspace.remove("workers/newer.lua") })
        #expect(try watched.isToldOf { try workspace.link("workers/link.lua", to: "a.lua") })
        #expect(try watched.isToldOf { try #require(chmod(workspace.path("workers/a.lua"), 0o600) == 0) })
        #expect(try watched.isToldOf { try workspace.write("workers/shop/init.lua", "b") })
        #expect(try watched.isToldOf { try workspace.makeFolder("workers/deep") })
        #expect(try watched.isToldOf { try workspace.makeFolder("workers/deep/er") })
        #expect(try watched.isToldOf { try workspace.write("workers/deep/er/x.lua") })
        #expect(try watched.isToldOf { try workspace.move("workers/deep", to: "workers/moved") })
        #expect(try watched.isToldOf { try workspace.write("workers/moved/er/x.lua", "b") })
        #expect(try watched.isToldOf { try workspace.move("workers/moved", to: "elsewhere") })
        #expect(try !watched.isToldOf { try workspace.write("elsewhere/er/x.lua", "c") })
        #expect(try watched.isToldOf { try workspace.move("elsewhere", to: "workers/back") })
        #expect(try watched.isToldOf { try workspace.write("workers/back/er/x.lua", "d") })
        #expect(try watched.isToldOf { workspace.remove("workers/back") })
        #expect(try !watched.isToldOf { try workspace.write("workers/.git/x", "b") })
        #expect(try !watched.isToldOf { try workspace.write("beside.lua") })
    }

    @Test func aFileIsToldWhenItsWriterClosesIt() throws {
        let workspace = try Workspace()
        let watched = try Watched(workspace.workers)
        var descriptor: Int32 = -1
        #expect(
            try !watched.isToldOf {
                descriptor = open(workspace.path("workers/a.lua"), O_WRONLY | O_CREAT, 0o644)
                try #require(Glibc.write(descriptor, "half", 4) == 4)
            }
        )
        #expect(try watched.isToldOf { close(descriptor) })
        #expect(
            try watched.isToldOf {
                try #require(link(workspace.path("workers/a.lua"), workspace.path("workers/b.lua")) == 0)
            }
        )
    }

    @Test func theDirectoryMayComeAndGo() throws {
        let workspace = try Workspace()
        try workspace.makeFolder("app")
        let watched = try Watched(workspace.path("app/workers"))
        #expect(try !watched.isToldOf { try workspace.write("app/other") })
        for _ in 0..<3 {
            #expect(try watched.isToldOf { try workspace.makeFolder("app/workers") })
            #expect(try watched.isToldOf { try workspace.write("app/workers/a.lua") })
            #expect(try watched.isToldOf { workspace.remove("app/workers") })
            #expect(try watched.isToldOf { try workspace.move("workers", to: "app/workers") })
            #expect(try watched.isToldOf { try workspace.write("app/workers/a.lua") })
            #expect(try watched.isToldOf { try workspace.move("app/workers", to: "workers") })
            #expect(try !watched.isToldOf { try workspace.write("workers/a.lua") })
            _ = try watched.isToldOf { workspace.remove("app") }
            _ = try watched.isToldOf { try workspace.makeFolder("app") }
        }
    }

    @Test func aLinkToTheDirectoryMayBeSwitched() throws {
        let workspace = try Workspace()
        try workspace.write("v1/a.lua")
        try workspace.write("v2/a.lua")
        try workspace.link("current", to: "v1")
        try workspace.link("next", to: "v2")
        let watched = try Watched(workspace.path("current"))
        #expect(try watched.isToldOf { try workspace.write("v1/a.lua", "b") })
        #expect(try !watched.isToldOf { try workspace.write("v2/a.lua", "b") })
        #expect(try watched.isToldOf { try workspace.move("next", to: "current") })
        #expect(try !watched.isToldOf { try workspace.write("v1/a.lua", "c") })
        #expect(try watched.isToldOf { try workspace.write("v2/a.lua", "c") })
    }

    @Test func whatCannotBeWatchedDoesNotLoop() throws {
        let workspace = try Workspace()
        try workspace.write("file")
        let watched = try Watched(workspace.path("file/sub/workers"))
        #expect(
            try watched.isToldOf {
                workspace.remove("file")
                try workspace.write("file/sub/workers/a.lua")
            }
        )
        #expect(try watched.isToldOf { try workspace.write("file/sub/workers/a.lua", "b") })
    }

    @Test func anOverflowAsksForEverythingAgain() throws {
        let workspace = try Workspace()
        let watched = try Watched(workspace.workers)
        let overflow = Inotify.Event(watch: -1, mask: UInt32(bitPattern: IN_Q_OVERFLOW), name: [])
        #expect(watched.tree.reaction(to: overflow) == .structure)
        let unknown = Inotify.Event(watch: 9_999, mask: UInt32(bitPattern: IN_CLOSE_WRITE), name: [])
        #expect(watched.tree.reaction(to: unknown) == .ignore)
    }

    @Test func errorsSayWhatToRaise() {
        let instances = FileWatchError.instances(errno: EMFILE)
        #expect(instances.code == .limitReached && instances.description.contains("fs.inotify.max_user_instances"))
        let watches = FileWatchError.watches(directory: "/w", errno: ENOSPC)
        #expect(watches.code == .limitReached && watches.description.contains("fs.inotify.max_user_watches"))
        #expect(FileWatchError.watches(directory: "/w", errno: EINVAL).description.contains("Invalid argument"))
    }
}
