import EdgeRuntime
import Glibc
import Testing

/// Images in files: what makes one be found, and that whatever is wrong with a file, the worker is served as its sources say.
@Suite("kept images")
struct KeptImageTests {
    private static func isKept(_ deployment: Deployment) throws -> Bool {
        try #require(deployment.workers.first).isKept
    }

    @Test("the next load finds the image, and it answers as the first did")
    func isFound() throws {
        let kept = try KeptFolder()
        let built = try kept.load()
        #expect(try !Self.isKept(built))
        #expect(KeptFolder.answer(built) == KeptFolder.right)
        let found = try kept.load()
        let worker = try #require(found.workers.first)
        #expect(worker.isKept && !worker.image.isLoaded)
        #expect(worker.manifest == built.workers[0].manifest)
        #expect(KeptFolder.answer(found) == KeptFolder.right)
    }

    @Test("an image is for its sources, its startup limits, and ceilings it fits")
    func isOfItsSources() throws {
        var kept = try KeptFolder()
        _ = try kept.load()
        try kept.write("workers/kept/later.lua", "return 2")
        #expect(try Self.isKept(try kept.load()), "no part of the image")
        try kept.write("workers/kept/answer.lua", "return function() return 43 end")
        let changed = try kept.load()
        #expect(try !Self.isKept(changed) && KeptFolder.answer(changed) == "hello you 43 3")
        #expect(try Self.isKept(try kept.load()))
        kept.startup.cpuMicroseconds += 1000
        #expect(try !Self.isKept(try kept.load()))
        #expect(try Self.isKept(try kept.load()))
        kept.ceilings.maximum.memoryBytes = 4 << 20
        let refused = try kept.load()
        #expect(refused.workers.isEmpty && refused.diagnostics.map(\.line) == [5])
    }

    @Test("a damaged file is as none: each byte of the head, and bits anywhere")
    func damage() throws {
        let kept = try KeptFolder()
        _ = try kept.load()
        let whole = try kept.read()
        var generator = SystemRandomNumberGenerator()
        let heads = (0..<1024).filter { $0 < 64 || $0 % 16 == 0 }
        let anywhere = (0..<40).map { _ in Int.random(in: 0..<whole.count, using: &generator) }
        for place in heads + anywhere {
            var bytes = whole
            bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
            try kept.overwrite(bytes)
            let deployment = try kept.load()
            // Damage to the heap is found at its first use, and then the image is built anew.
            let text = KeptFolder.answer(deployment, loader: kept.loader(after: deployment))
            #expect(text == KeptFolder.right, "byte \(place)")
        }
        for count in [0, 1, 47, 48, 49, 100, 4096, whole.count / 2, whole.count - 1] {
            try kept.overwrite(whole.prefix(count))
            let deployment = try kept.load()
            #expect(
                KeptFolder.answer(deployment, loader: kept.loader(after: deployment)) == KeptFolder.right,
                "\(count) bytes"
            )
        }
    }

    @Test("a file that others could have written is as none")
    func foreign() throws {
        let kept = try KeptFolder()
        _ = try kept.load()
        let file = try kept.file()
        for mode in [mode_t(0o640), 0o604, 0o620, 0o602] {
            #expect(chmod(file, mode) == 0)
            #expect(try !Self.isKept(try kept.load()), "mode \(mode)")
            #expect(try Self.isKept(try kept.load()), "another file took its place")
        }
        unlink(file)
        #expect(mkfifo(file, 0o600) == 0)
        #expect(try !Self.isKept(try kept.load()) && Self.isKept(try kept.load()), "a FIFO")
        #expect(rename(file, file + "-real") == 0 && symlink(file + "-real", file) == 0)
        #expect(try !Self.isKept(try kept.load()) && Self.isKept(try kept.load()), "a symbolic link")
        unlink(file)
        #expect(mkdir(file, 0o700) == 0)
        for _ in 0..<2 {
            let deployment = try kept.load()
            #expect(try !Self.isKept(deployment), "a folder stays in the way")
            #expect(KeptFolder.answer(deployment) == KeptFolder.right)
        }
        rmdir(file)
        _ = try kept.load()
        let folder = kept.path + "/images"
        #expect(chmod(folder, 0o755) == 0)
        #expect(try !Self.isKept(try kept.load()), "an open folder")
    }

    @Test("a file that vanishes after the load is made good by a build of what is served, whatever the sources are now")
    func vanishes() throws {
        let kept = try KeptFolder()
        _ = try kept.load()
        var deployment = try kept.load()
        unlink(try kept.file())
        #expect(KeptFolder.answer(deployment, loader: kept.loader(after: deployment)) == KeptFolder.right)
        #expect(try Self.isKept(try kept.load()), "and kept again")
        deployment = try kept.load()
        unlink(try kept.file())
        try kept.write("workers/kept/init.lua", "return function( end")
        #expect(KeptFolder.answer(deployment, loader: kept.loader(after: deployment)) == KeptFolder.right)
        #expect(KeptFolder.answer(deployment).contains("load_failed"), "nor does a lane crash that has no loader")
    }

    @Test("a build ahead takes nothing from what is served", arguments: [true, false])
    func buildAhead(isBroken: Bool) throws {
        let kept = try KeptFolder()
        _ = try kept.load()
        let served = try kept.load()
        let text = isBroken ? "return function( end" : "return function() return 43 end"
        try kept.write("workers/kept/answer.lua", text)
        #expect(try kept.build() != isBroken)
        #expect(KeptFolder.answer(served) == KeptFolder.right, "from its own file, without a loader")
        guard !isBroken else { return }
        let next = try kept.load(after: served)
        #expect(try Self.isKept(next) && KeptFolder.answer(next) == "hello you 43 3")
        kept.keep(next, insteadOf: served)
        #expect(try kept.files().count == 1, "what was served before goes")
        try kept.write("workers/kept/answer.lua", "return function() return 44 end")
        #expect(try kept.build() && kept.files().count == 2)
        kept.keep(next)
        #expect(try kept.files().count == 2, "what was built ahead stays")
    }

    @Test("another process that writes the same version's file anew takes nothing from this one")
    func writtenAnew() throws {
        let kept = try KeptFolder()
        _ = try kept.load()
        let served = try kept.load()
        unlink(try kept.file())
        #expect(try kept.build())
        let file = try kept.read()
        #expect(KeptFolder.answer(served, loader: kept.loader(after: served)) == KeptFolder.right)
        #expect(try kept.read() == file, "it was found, not built")
    }
}
