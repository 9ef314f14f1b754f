import Glibc
import Testing

@testable import EdgeRuntime

@Suite struct SourceTreeTests {
    @Test func findsWorkersAndLeavesTheRest() throws {
        let workspace = try Workspace()
        for name in [
            "hello.lua", "index.lua", "shop/init.lua", "shop/cart.lua", "lib/util.lua", "_draft.lua", ".hidden.lua",
            "hello.lua~", ".hello.lua.swp", "#hello.lua#", "hello.lua.bak", "hello.tmp", "4913", "readme.md",
            ".git/x.lua",
            "_old/init.lua", "static/logo.svg",
        ] {
            try workspace.write("workers/\(name)")
        }
        let tree = try SourceTree.scan(directory: workspace.workers)
        #expect(tree.workers.map(\.name) == ["hello", "index", "shop"])
        #expect(tree.workers.map(\.entryPath) == ["workers/hello.lua", "workers/index.lua", "workers/shop/init.lua"])
        #expect(tree.diagnostics == [])
        #expect(tree.worker(named: "shop")?.entry == Array("return function() end\n".utf8))
        #expect(tree.worker(named: "lib") == nil)
    }

    @Test func resolvesModules() throws {
        let workspace = try Workspace()
        let files = [
            "hello.lua", "cart.lua", "shop/init.lua", "shop/cart.lua", "shop/a/b.lua", "shop/a/c/init.lua",
            "shop/a/d.lua",
            "shop/a/d/init.lua", "shop/_private.lua", "shop/lib/own.lua", "lib/x.lua", "lib/y/init.lua", "lib/own.lua",
            "lib/deep/z.lua",
        ]
        for file in files { try workspace.write("workers/\(file)", file) }
        let tree = try SourceTree.scan(directory: workspace.workers)
        let shop = try #require(tree.worker(named: "shop"))
        let expected = [
            "cart": "shop/cart.lua", "a.b": "shop/a/b.lua", "a.c": "shop/a/c/init.lua", "a.d": "shop/a/d.lua",
            "_private": "shop/_private.lua", "lib.x": "lib/x.lua", "lib.y": "lib/y/init.lua",
            "lib.deep.z": "lib/deep/z.lua", "lib.own": "shop/lib/own.lua",
        ]
        for (name, file) in expected {
            let module = try #require(shop.module(named: name), "\(name)")
            #expect(module.displayPath == "workers/\(file)")
            #expect(module.bytes == Array(file.utf8))
        }
        for name in [
            "init", "hello", "", ".", "..", "a", "a/b", "../hello", "..hello", "a..b", "/etc/passwd", "lib", "lib.none",
            "shop",
            "a.d.init",
        ] {
            #expect(shop.module(named: name) == nil, "\(name)")
        }
        let hello = try #require(tree.worker(named: "hello"))
        #expect(hello.module(named: "cart") == nil)
        #expect(hello.module(named: "lib.own")?.displayPath == "workers/lib/own.lua")
    }

    @Test func twoFilesForOneWorkerAreNamed() throws {
        let workspace = try Workspace()
        try workspace.write("workers/shop.lua")
        try workspace.write("workers/shop/init.lua")
        try workspace.write("workers/other.lua")
        let tree = try SourceTree.scan(directory: workspace.workers)
        #expect(tree.workers.map(\.name) == ["other"])
        #expect(tree.failedWorkers == ["shop"])
        let text = try #require(tree.diagnostics.first).description
        #expect(tree.diagnostics.count == 1)
        #expect(text.contains("workers/shop.lua") && text.contains("workers/shop/init.lua"))
    }

    @Test(arguments: [
        ("my worker.lua", true, "rename it"), ("-x.lua", true, "rename it"), ("caf\u{e9}.lua", true, "rename it"),
        (String(repeating: "a", count: 64) + ".lua", true, "rename it"), ("a.b.lua", true, "rename it"),
        ("lib.lua", true, "shared modules"), ("a\nb/init.lua", true, "\"a\\x0ab\""),
        ("folder/module.lua", false, "has no init.lua"), ("hello/module.lua", false, "move workers/hello.lua"),
        ("lib/my module.lua", false, "can't be required"), ("d/1/2/3/4/5/6/7/8/x.lua", true, "deeper than 8"),
    ])
    func oddNamesAreDiagnosed(_ file: String, isError: Bool, message: String) throws {
        let workspace = try Workspace()
        try workspace.write("workers/hello.lua")
        try workspace.write("workers/\(file)")
        let tree = try SourceTree.scan(directory: workspace.workers)
        #expect(tree.workers.map(\.name) == ["hello"])
        let texts = tree.diagnostics.map(\.description)
        #expect(texts.contains { $0.contains(message) }, "\(texts)")
        #expect(tree.diagnostics.contains { $0.severity == .error } == isError)
    }

    @Test func aNameThatIsNotUTF8IsAHint() throws {
        let workspace = try Workspace()
        try workspace.write("workers/hello.lua")
        let name = Array((workspace.workers + "/caf").utf8CString.dropLast()) + [CChar(bitPattern: 0xe9), 46, 108, 0]
        let descriptor = open(name, O_WRONLY | O_CREAT, 0o644)
        try #require(descriptor >= 0)
        close(descriptor)
        let tree = try SourceTree.scan(directory: workspace.workers)
        #expect(tree.workers.map(\.name) == ["hello"])
        #expect(tree.diagnostics.map(\.severity) == [.hint])
        #expect(tree.diagnostics.first?.message.contains("\"caf\\xe9.l\"") == true)
    }

    @Test func linksStayInside() throws {
        let workspace = try Workspace()
        try workspace.write("workers/hello.lua", "hello")
        try workspace.write("outside.lua", "outside")
        try workspace.write("workers/.data/real/init.lua", "real")
        try workspace.link("workers/again.lua", to: "hello.lua")
        try workspace.link("workers/folder", to: ".data/real")
        try workspace.link("workers/out.lua", to: "../outside.lua")
        try workspace.link("workers/gone.lua", to: "nowhere.lua")
        try workspace.link("workers/note", to: "nowhere")
        try workspace.link("workers/.data/real/loop", to: "..")
        try workspace.link("workers/etc", to: "/etc")
        let tree = try SourceTree.scan(directory: workspace.workers)
        #expect(tree.workers.map(\.name) == ["again", "folder", "hello"])
        #expect(tree.worker(named: "again")?.entry == Array("hello".utf8))
        #expect(tree.worker(named: "folder")?.entry == Array("real".utf8))
        #expect(tree.failedWorkers == ["etc", "folder", "gone", "out"])
        let out = try #require(tree.diagnostics.first { $0.worker == "out" })
        #expect(out.description.hasPrefix("workers/out.lua: is a symbolic link out of the workers directory"))
        #expect(try #require(tree.diagnostics.first { $0.worker == "gone" }).message.contains("leads nowhere"))
    }

    @Test func anUnreadableFileHarmsItsWorkerOnly() throws {
        let workspace = try Workspace()
        try workspace.write("workers/hello.lua")
        try workspace.write("workers/shop/init.lua")
        try #require(mkfifo(workspace.path("workers/pipe.lua"), 0o644) == 0)
        try #require(mkfifo(workspace.path("workers/shop/part.lua"), 0o644) == 0)
        try workspace.write("workers/closed.lua")
        try #require(chmod(workspace.path("workers/closed.lua"), 0) == 0)
        let tree = try SourceTree.scan(directory: workspace.workers)
        let isRoot = geteuid() == 0
        #expect(tree.workers.map(\.name) == (isRoot ? ["closed", "hello", "shop"] : ["hello", "shop"]))
        #expect(tree.failedWorkers == (isRoot ? ["pipe", "shop"] : ["closed", "pipe", "shop"]))
    }

    @Test func whatIsNoDirectoryIsAnError() throws {
        let workspace = try Workspace()
        try workspace.write("file", "")
        let missing = #expect(throws: LoadError.self) { try SourceTree.scan(directory: workspace.path("none")) }
        #expect(missing?.code == .missing)
        #expect(missing?.description.contains("/none\"") == true)
        let file = #expect(throws: LoadError.self) { try SourceTree.scan(directory: workspace.path("file")) }
        #expect(file?.code == .unreadable)
        #expect(file?.description.contains("Not a directory") == true)
    }

    @Test func limitsHold() throws {
        let workspace = try Workspace()
        try workspace.write("workers/a.lua", String(repeating: "-", count: 100))
        try workspace.write("workers/b.lua", String(repeating: "-", count: 101))
        try workspace.write("workers/c d.lua", "")
        try workspace.write("workers/e f.lua", "")
        var limits = SourceTree.Limits()
        limits.fileBytes = 100
        let tree = try SourceTree.scan(directory: workspace.workers, limits: limits)
        #expect(tree.workers.map(\.name) == ["a"])
        #expect(tree.diagnostics.contains { $0.description == "workers/b.lua: is larger than 100 bytes" })
        limits.diagnostics = 1
        let short = try SourceTree.scan(directory: workspace.workers, limits: limits)
        #expect(
            short.diagnostics.map(\.message) == [
                "is larger than 100 bytes", "2 more problems like these are not shown",
            ]
        )
        limits = SourceTree.Limits()
        limits.totalBytes = 200
        let total = #expect(throws: LoadError.self) {
            try SourceTree.scan(directory: workspace.workers, limits: limits)
        }
        #expect(total?.code == .tooLarge)
        limits = SourceTree.Limits()
        limits.entries = 3
        let entries = #expect(throws: LoadError.self) {
            try SourceTree.scan(directory: workspace.workers, limits: limits)
        }
        #expect(entries?.description.contains("more than 3 Lua files") == true)
    }
}

@Suite struct SourceFingerprintTests {
    private func scan(_ workspace: Workspace) throws -> (hello: WorkerSource, shop: WorkerSource) {
        let tree = try SourceTree.scan(directory: workspace.workers)
        return (try #require(tree.worker(named: "hello")), try #require(tree.worker(named: "shop")))
    }

    @Test func changesWithWhatAWorkerCouldLoad() throws {
        let workspace = try Workspace()
        for name in ["hello.lua", "shop/init.lua", "shop/cart.lua", "lib/x.lua", "lib/y.lua"] {
            try workspace.write("workers/\(name)")
        }
        let before = try self.scan(workspace)
        #expect(before.hello.fingerprint != before.shop.fingerprint)
        let same = try self.scan(workspace)
        #expect(same.hello.fingerprint == before.hello.fingerprint)
        #expect(same.shop.fingerprint == before.shop.fingerprint)

        try workspace.write("workers/shop/cart.lua", "changed")
        let cart = try self.scan(workspace)
        #expect(cart.hello.fingerprint == before.hello.fingerprint)
        #expect(cart.shop.fingerprint != before.shop.fingerprint)

        try workspace.write("workers/lib/x.lua", "changed")
        let lib = try self.scan(workspace)
        #expect(lib.hello.fingerprint != cart.hello.fingerprint)
        #expect(lib.shop.fingerprint != cart.shop.fingerprint)
        #expect(lib.hello.fingerprint(requiring: ["lib.y"]) == cart.hello.fingerprint(requiring: ["lib.y"]))
        #expect(lib.hello.fingerprint(requiring: ["lib.x"]) != cart.hello.fingerprint(requiring: ["lib.x"]))
        #expect(
            lib.hello.fingerprint(requiring: ["lib.x", "lib.y"])
                == lib.hello.fingerprint(requiring: ["lib.y", "lib.x"])
        )
    }

    @Test func noticesModulesThatAppear() throws {
        let workspace = try Workspace()
        for name in ["hello.lua", "shop/init.lua", "shop/a/init.lua"] { try workspace.write("workers/\(name)") }
        let before = try self.scan(workspace).shop
        try workspace.write("workers/shop/a.lua")
        let after = try self.scan(workspace).shop
        #expect(before.fingerprint(requiring: ["a"]) != after.fingerprint(requiring: ["a"]))
        try workspace.write("workers/shop/late.lua")
        let late = try self.scan(workspace).shop
        #expect(after.fingerprint(requiring: ["late"]) != late.fingerprint(requiring: ["late"]))
        #expect(after.fingerprint(requiring: ["a"]) == late.fingerprint(requiring: ["a"]))
    }

    /// Persisted images are found by it, so it must not differ between runs.
    @Test func isStable() throws {
        let workspace = try Workspace()
        try workspace.write("workers/hello.lua", "return function() return 'hi' end")
        try workspace.write("workers/shop/init.lua", "")
        let text = try self.scan(workspace).hello.fingerprint.description
        #expect(text == "69bd11d133e1733d6a46f40ea5215436")
    }

    @Test func aRescanSeesEveryChange() throws {
        let workspace = try Workspace()
        try workspace.write("workers/hello.lua", "one")
        try workspace.write("workers/other.lua", "same")
        var tree = try SourceTree.scan(directory: workspace.workers)
        // Same size, in place, at once: time stamps alone could not tell.
        for text in ["two", "six", "ten", "odd", "end"] {
            try workspace.write("workers/hello.lua", text)
            tree = try SourceTree.scan(directory: workspace.workers, reusing: tree)
            #expect(tree.worker(named: "hello")?.entry == Array(text.utf8))
            #expect(tree.worker(named: "other")?.entry == Array("same".utf8))
        }
        workspace.remove("workers/hello.lua")
        tree = try SourceTree.scan(directory: workspace.workers, reusing: tree)
        #expect(tree.workers.map(\.name) == ["other"])
    }

    @Test func timesAreTrustedAfterATick() {
        var status = stat()
        status.st_ctim = timespec(tv_sec: 100, tv_nsec: 990_000_000)
        let identity = FileIdentity(status)
        #expect(!identity.isSettled(at: status.st_ctim))
        #expect(!identity.isSettled(at: timespec(tv_sec: 101, tv_nsec: 30_000_000)))
        #expect(identity.isSettled(at: timespec(tv_sec: 101, tv_nsec: 50_000_000)))
    }

    @Test func aSettledFileIsNotReadAgain() throws {
        let workspace = try Workspace()
        try workspace.write("workers/hello.lua", "one")
        try workspace.write("workers/fresh.lua", "two")
        // Until the file's change time lies far enough back to be trusted.
        var tree = try SourceTree.scan(directory: workspace.workers)
        let deadline = ContinuousClock.now + .seconds(60)
        while tree.worker(named: "hello")?.entryFile.isSettled == false {
            try #require(ContinuousClock.now < deadline)
            tree = try SourceTree.scan(directory: workspace.workers, reusing: tree)
        }
        let again = try SourceTree.scan(directory: workspace.workers, reusing: tree)
        let before = try #require(tree.worker(named: "hello")).entry
        let after = try #require(again.worker(named: "hello")).entry
        before.withUnsafeBytes { old in
            after.withUnsafeBytes { new in #expect(old.baseAddress == new.baseAddress) }
        }
    }
}
