import EdgeIsolate
import Testing

/// Memory goes back to the system: what lies in memory is counted page by page.
@Suite struct MemoryTests {
    static let dirty = "local s = ('x'):rep(64 << 20) return s:sub(-3)"

    private func large() -> Budget { .memory(256 << 20) }

    @Test func whatALargeRequestDirtiedIsReleased() throws {
        let worker = try Worker.body(Self.dirty)
        var pool = SlotPool(maximumSlots: 1)
        let isolate = try pool.require(worker.image)
        let memory = try SlotMemory(isolate, budget: self.large())
        #expect(memory.residentBytes > 64 << 20)
        pool.giveBack(isolate, of: worker.image, now: 0)
        #expect(memory.residentBytes <= worker.image.byteCount + (512 << 10))
        let again = try pool.require(worker.image)
        let outcome = Run(again, arguments: [], budget: self.large()).outcome
        #expect(outcome == .done(["xxx"]))
        pool.giveBack(again, of: worker.image, now: 0)
    }

    /// The heap is full, blocks are merged, and the last one lies higher than the heap has ever been.
    @Test func whatWasDirtiedAfterAMergeIsReleased() throws {
        let source = """
            local s = ('a'):rep(20 << 20)
            local t = {}
            for i = 1, 20 do t[i] = ('b'):rep((1 << 20) + i) end
            t = nil
            for i = 1, 200000 do local garbage = { i } end
            return ('c'):rep(20 << 20):sub(1, 1) .. #s
            """
        let worker = try Worker.body(source)
        var pool = SlotPool(maximumSlots: 1)
        let isolate = try pool.require(worker.image)
        let memory = try SlotMemory(isolate, budget: .memory(62 << 20))
        let usage = isolate.usage
        pool.giveBack(isolate, of: worker.image, now: 0)
        #expect(usage.heapBytes > 40 << 20)
        #expect(memory.residentBytes <= worker.image.byteCount + (512 << 10))
    }

    @Test func aKilledRequestIsReleasedToo() throws {
        let worker = try Worker.body("if ... then local t = {} while true do t[#t + 1] = {} end end return 'x'")
        var pool = SlotPool(maximumSlots: 1)
        let isolate = try pool.require(worker.image)
        let memory = try SlotMemory(isolate)
        let run = Run(isolate, arguments: [1], budget: .memory(64 << 20))
        #expect(run.outcome == .killed(.memory))
        #expect(memory.residentBytes > 40 << 20)
        pool.giveBack(isolate, of: worker.image, now: 0)
        #expect(memory.residentBytes <= worker.image.byteCount + (512 << 10))
    }

    @Test func trimAndForgetReleaseAll() throws {
        let worker = try Worker.body("return 'x'")
        var pool = SlotPool(maximumSlots: 2)
        for release in [0, 1] {
            let isolate = try pool.require(worker.image)
            let memory = try SlotMemory(isolate)
            pool.giveBack(isolate, of: worker.image, now: 0)
            #expect(memory.residentBytes > 0)
            if release == 0 {
                pool.trim(idleSince: 1)
            } else {
                pool.forget(worker.image)
            }
            #expect(memory.residentBytes == 0)
        }
    }

    @Test func aSmallImageDoesNotKeepTheMemoryOfALargeOne() throws {
        let large = try Worker("local s = ('x'):rep(16 << 20) return function() return 'x', #s end")
        let small = try Worker.body("return 'y'")
        var pool = SlotPool(maximumSlots: 1)
        pool.giveBack(try pool.require(large.image), of: large.image, now: 0)
        let isolate = try pool.require(small.image)
        let memory = try SlotMemory(isolate)
        pool.giveBack(isolate, of: small.image, now: 1)
        #expect(memory.residentBytes <= small.image.byteCount + (512 << 10))
    }
}
