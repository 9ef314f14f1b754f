import EdgeRuntime
import Synchronization
import Testing

/// Where images are read, and what becomes of workers whose images could not be made by chance.
@Suite("loading images")
struct ImageLoadingTests {
    /// Loads at once, and remembers what.
    private final class Recorder: ImageLoader {
        private let loaded = Mutex<[String]>([])
        var names: [String] { self.loaded.withLock { $0 } }

        func load(_ worker: Worker, _ done: @escaping @Sendable (LoadedWorker?) -> Void) {
            self.loaded.withLock { $0.append(worker.name) }
            done(LoadedWorker(worker))
        }
    }

    @Test("a small image is read on the lane, one with many strings is not")
    func place() throws {
        let kept = try KeptFolder()
        try kept.write(
            "workers/large.lua",
            "local s = {} for i = 1, 20 do s[i] = ('x'):rep(100000) .. i end return function() return #s .. '' end"
        )
        _ = try kept.load()
        let deployment = try kept.load()
        let recorder = Recorder()
        #expect(KeptFolder.answer(deployment, loader: recorder) == KeptFolder.right)
        #expect(recorder.names == [])
        #expect(KeptFolder.answer(deployment, "/large", loader: recorder) == "20")
        #expect(recorder.names == ["large"])
    }

    /// Its text looks like an address in the heap of two slots of five: a build fails there.
    private static let unlucky = """
        local words = {}
        for slot = 0x1001, 0x1001 + 1637 do words[#words + 1] = ("<I8"):pack(slot << 32 | 0x10040) end
        local text = table.concat(words)
        return function() return #text .. '' end
        """

    @Test("a heap that can't be frozen where it lies is built elsewhere, and again at the next load")
    func chance() throws {
        let kept = try KeptFolder()
        let count = 100
        for number in 0..<count { try kept.write("workers/unlucky\(number).lua", Self.unlucky) }
        var deployment = try kept.load()
        // 40 without another slot, 6 with two more.
        #expect(deployment.diagnostics.count <= 20)
        #expect(deployment.diagnostics.allSatisfy { $0.message.contains("look like addresses") })
        for _ in 0..<20 where !deployment.isHealthy { deployment = try kept.load(after: deployment) }
        #expect(deployment.isHealthy && deployment.workers.count == count + 1)
        #expect(KeptFolder.answer(deployment, "/unlucky7") == "13104")
    }
}
