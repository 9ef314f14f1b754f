import EdgeIsolate
import Testing

/// Each transition of a pool, told by its counts and by which slot a lease gets.
@Suite struct SlotPoolTests {
    private enum Action {
        /// Leases an isolate of image A or B.
        case lease(Character)
        /// Gives back the n-th lease that is still out.
        case giveBack(Int)
        case trim(UInt64)
        case forget(Character)
    }

    private struct Scenario: CustomTestStringConvertible {
        var testDescription: String
        var slots: Int
        var actions: [Action]
        /// What each lease got: the number of its slot in order of first use, nil for none.
        var leases: [Int?]
        var leased: Int
        var idle: Int
    }

    private static let scenarios: [Scenario] = [
        Scenario(
            testDescription: "two leases get two new slots",
            slots: 2,
            actions: [.lease("A"), .lease("A")],
            leases: [0, 1],
            leased: 2,
            idle: 0
        ),
        Scenario(
            testDescription: "no lease beyond the limit",
            slots: 1,
            actions: [.lease("A"), .lease("A")],
            leases: [0, nil],
            leased: 1,
            idle: 0
        ),
        Scenario(
            testDescription: "an idle slot of the image is used again",
            slots: 2,
            actions: [.lease("A"), .giveBack(0), .lease("A")],
            leases: [0, 0],
            leased: 1,
            idle: 0
        ),
        Scenario(
            testDescription: "the slot used last is used first",
            slots: 2,
            actions: [.lease("A"), .lease("A"), .giveBack(0), .giveBack(0), .lease("A")],
            leases: [0, 1, 1],
            leased: 1,
            idle: 1
        ),
        Scenario(
            testDescription: "a new slot rather than another image's idle one",
            slots: 2,
            actions: [.lease("A"), .giveBack(0), .lease("B")],
            leases: [0, 1],
            leased: 1,
            idle: 1
        ),
        Scenario(
            testDescription: "at the limit another image's idle slot is taken",
            slots: 1,
            actions: [.lease("A"), .giveBack(0), .lease("B")],
            leases: [0, 0],
            leased: 1,
            idle: 0
        ),
        Scenario(
            testDescription: "the slot that has rested longest is taken",
            slots: 2,
            actions: [.lease("A"), .lease("A"), .giveBack(1), .giveBack(0), .lease("B")],
            leases: [0, 1, 1],
            leased: 1,
            idle: 1
        ),
        Scenario(
            testDescription: "trimmed slots are spare: used before a new one",
            slots: 3,
            actions: [.lease("A"), .lease("A"), .giveBack(0), .trim(100), .lease("B")],
            leases: [0, 1, 0],
            leased: 2,
            idle: 0
        ),
        Scenario(
            testDescription: "trim leaves slots that were used since",
            slots: 2,
            actions: [.lease("A"), .lease("A"), .giveBack(0), .giveBack(0), .trim(4), .lease("A")],
            leases: [0, 1, 1],
            leased: 1,
            idle: 0
        ),
        Scenario(
            testDescription: "forget makes an image's idle slots spare",
            slots: 2,
            actions: [.lease("A"), .lease("A"), .giveBack(0), .giveBack(0), .forget("A"), .lease("B")],
            leases: [0, 1, 1],
            leased: 1,
            idle: 0
        ),
        Scenario(
            testDescription: "forget leaves other images alone",
            slots: 2,
            actions: [.lease("A"), .giveBack(0), .lease("B"), .giveBack(0), .forget("B"), .lease("A")],
            leases: [0, 1, 0],
            leased: 1,
            idle: 0
        ),
        Scenario(
            testDescription: "an isolate given back after forget is idle and can be taken",
            slots: 1,
            actions: [.lease("A"), .forget("A"), .giveBack(0), .lease("B")],
            leases: [0, 0],
            leased: 1,
            idle: 0
        ),
    ]

    @Test(arguments: scenarios)
    private func transition(_ scenario: Scenario) throws {
        let workers = ["A": try Worker.body("return 'A'"), "B": try Worker.body("return 'B'")]
        var pool = SlotPool(maximumSlots: scenario.slots)
        var out: [(isolate: Held, image: Image)] = []
        var bases: [UInt] = []
        var leases: [Int?] = []
        var now: UInt64 = 0
        for action in scenario.actions {
            now += 1
            switch action {
            case .lease(let name):
                let worker = try #require(workers[String(name)])
                guard let isolate = pool.lease(worker.image) else {
                    leases.append(nil)
                    continue
                }
                let value = Run(isolate, arguments: [], budget: .request).value
                #expect(value == .text(String(name)))
                let memory = try SlotMemory(isolate)
                if !bases.contains(memory.base) {
                    bases.append(memory.base)
                }
                leases.append(bases.firstIndex(of: memory.base))
                out.append((Held(isolate), worker.image))
            case .giveBack(let index):
                let entry = out.remove(at: index)
                pool.giveBack(entry.isolate.take(), of: entry.image, now: now)
            case .trim(let deadline):
                pool.trim(idleSince: deadline)
            case .forget(let name):
                pool.forget(try #require(workers[String(name)]).image)
            }
        }
        #expect(leases == scenario.leases)
        #expect(pool.leasedCount == scenario.leased)
        #expect(pool.idleCount == scenario.idle)
        for entry in out {
            pool.giveBack(entry.isolate.take(), of: entry.image, now: now)
        }
    }

    /// An image may end while idle slots are bound to it, and a later one may get its address.
    @Test func anIdleSlotOfADeadImageServesNoOther() throws {
        var pool = SlotPool(maximumSlots: 4)
        for round in 0..<50 {
            let worker = try Worker.body("return \(round)")
            let isolate = try pool.require(worker.image)
            let value = Run(isolate, arguments: [], budget: .request).value
            #expect(value == .integer(Int64(round)))
            pool.giveBack(isolate, of: worker.image, now: UInt64(round))
        }
    }

    /// Leases so many slots at once, gives all back and trims them; returns where they lay.
    private static func useAndTrim(_ pool: inout SlotPool, slots: Int, of worker: Worker) throws -> [SlotMemory] {
        var out: [Held] = []
        var memories: [SlotMemory] = []
        for _ in 0..<slots {
            let isolate = try pool.require(worker.image)
            memories.append(try SlotMemory(isolate))
            out.append(Held(isolate))
        }
        for held in out {
            pool.giveBack(held.take(), of: worker.image, now: 0)
        }
        pool.trim(idleSince: 1)
        return memories
    }

    @Test func spareSlotsBeyondTheirMaximumAreUnmapped() throws {
        let worker = try Worker.body("return 'x'")
        var pool = SlotPool(maximumSlots: 4, maximumSpare: 1, maximumReady: 0)
        let memories = try Self.useAndTrim(&pool, slots: 4, of: worker)
        #expect(pool.idleCount == 0)
        #expect(memories.count { $0.residentBytes == 0 } == 1, "one spare slot is mapped and empty")
    }

    @Test func aFewSpareSlotsKeepTheMemoryOfASmallWorker() throws {
        let worker = try Worker.body("return 'x'")
        let next = try Worker.body("return 'y'")
        var pool = SlotPool(maximumSlots: 3, maximumSpare: 3, maximumReady: 2)
        let memories = try Self.useAndTrim(&pool, slots: 3, of: worker)
        #expect(memories.map(\.residentBytes) == [64 << 10, 64 << 10, 0])
        pool.prepare()
        #expect(memories.map(\.residentBytes) == [64 << 10, 64 << 10, 0], "none is missing")
        let isolate = try pool.require(next.image)
        #expect(try SlotMemory(isolate) == memories[1], "a lease takes one that is ready")
        pool.prepare()
        #expect(memories[2].residentBytes == 64 << 10, "an empty one is made ready in its place")
        pool.giveBack(isolate, of: next.image, now: 0)
    }

    @Test func readySlotsAllowNoMoreIsolates() throws {
        var pool = SlotPool(maximumSlots: 1, maximumSpare: 1, maximumReady: 1)
        let worker = try Worker.body("return 'x'")
        let other = try Worker.body("return 'y'")
        pool.prepare()
        let isolate = try pool.require(worker.image)
        pool.prepare()
        let isRefused = pool.lease(other.image) == nil
        #expect(isRefused)
        pool.giveBack(isolate, of: worker.image, now: 0)
    }

    @Test func slotsAreMadeReadyBeforeTheFirstWorker() throws {
        var pool = SlotPool(maximumSlots: 1, maximumSpare: 1, maximumReady: 1)
        pool.prepare()
        let worker = try Worker.body("return 'x'")
        let isolate = try pool.require(worker.image)
        let memory = try SlotMemory(isolate)
        #expect(memory.residentBytes >= 64 << 10)
        #expect(Run(isolate, arguments: [], budget: .request).value == .text("x"))
        pool.giveBack(isolate, of: worker.image, now: 0)
    }
}
