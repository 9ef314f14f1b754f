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

    /// Large blocks of random sizes keep the heap at its limit: after a merge of free blocks one may lie higher than any
    /// before it.
    @Test func whatARandomWorkloadDirtiedIsReleased() throws {
        let source = """
            local state = ...
            if not state then return 'x' end
            local function draw(n)
              state = state * 6364136223846793005 + 1442695040888963407
              return (state >> 33) % n + 1
            end
            local unit = ('u'):rep(100000)
            local live = {}
            while true do
              live[draw(8)] = (draw(3) == 1) and unit:rep(draw(60)) or nil
              local base = live[draw(8)]
              if base then live[draw(8)] = base .. unit .. base end
            end
            """
        let worker = try Worker.body(source)
        for _ in 0..<8 {
            let seed = Int64.random(in: 1...Int64.max)
            var pool = SlotPool(maximumSlots: 1)
            let isolate = try pool.require(worker.image)
            let memory = try SlotMemory(isolate)
            let run = Run(isolate, arguments: [.integer(seed)], budget: .memory(64 << 20))
            let resident = memory.residentBytes
            let extent = isolate.usage.heapBytes
            pool.giveBack(isolate, of: worker.image, now: 0)
            #expect(run.outcome == .killed(.memory), "seed \(seed)")
            #expect(resident <= extent + 8192, "seed \(seed)")
            #expect(memory.residentBytes <= worker.image.byteCount + (512 << 10), "seed \(seed)")
        }
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
        var pool = SlotPool(maximumSlots: 2, maximumReady: 0)
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
        let source = "local t = {} for i = 1, 1 << 20 do t[i] = i end return function() return 'x', #t end"
        let large = try Worker(source)
        let small = try Worker.body("return 'y'")
        var pool = SlotPool(maximumSlots: 1)
        let first = try pool.require(large.image)
        let before = try SlotMemory(first).residentBytes
        #expect(before > 16 << 20)
        pool.giveBack(first, of: large.image, now: 0)
        let isolate = try pool.require(small.image)
        let memory = try SlotMemory(isolate)
        pool.giveBack(isolate, of: small.image, now: 1)
        #expect(memory.residentBytes <= small.image.byteCount + (1 << 20))
    }
}
