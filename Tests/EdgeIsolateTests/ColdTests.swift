import EdgeIsolate
import Synchronization
import Testing

/// A restore copies the parts of a slot that were ever written to, which faults tell.
@Suite struct ColdTests {
    /// 3 MB of tables, functions and values that functions share; the handler does one of several things to it.
    static let source = """
        local items, getters, setters = {}, {}, {}
        for i = 1, 12000 do items[i] = { id = i, tags = { i } } end
        for i = 1, 1000 do
          local value = i
          getters[i] = function() return value end
          setters[i] = function(x) value = x end
        end
        local function check()
          local sum = 0
          for i = 1, 12000 do sum = sum + items[i].id + items[i].tags[1] end
          for i = 1, 1000 do sum = sum + getters[i]() end
          return sum
        end
        local function grow(n)
          local keep = {}
          for i = 1, n do keep[i % 200] = { i, 'text' .. i, { i } } end
        end
        local actions = {
          function(n) for i = 1, n % 50 do items[(n * i * 7919) % 12000 + 1].id = {} end end,
          function(n) for i = 1, 1000 do setters[i](n) end end,
          function() for i = 1, 12000 do items[i].tags = nil end end,
          function() grow(60000) end,
          function(n) grow(60000) items[n % 12000 + 1] = nil end,
          function(n) local t = {} while true do t[#t + 1] = { n } end end,
          function(n) while true do items[n % 12000 + 1].id = n n = n + 1 end end,
          function(n) table.sort(items, function(a, b) return a.id * n % 12007 < b.id * n % 12007 end) end,
          function() for i = 1, 12000 do setmetatable(items[i], items[i % 12000 + 1]) end error(items[5]) end,
          function(n) items[n % 12000 + 1].id = echo(n) items[n % 3000 + 1].id = echo(n) end,
        }
        return function(which, n)
          if not which then return 'checked', check() end
          actions[which](n)
          return 'done'
        end
        """
    static let actions: Int64 = 10
    static let intact: [Value] = ["checked", .integer(2 * 12000 * 12001 / 2 + 500_500)]

    /// Byte by byte, whatever the requests before did, wherever they were ended, and on which thread they went on.
    @Test func aRestoredSlotIsTheImage() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let worker = try Worker(Self.source)
        #expect(worker.image.byteCount > 2 << 20)
        var pool = SlotPool(maximumSlots: 1)
        let first = try pool.require(worker.image)
        let memory = try SlotMemory(first)
        var isolate = Held(first)
        isolate.with { $0.restore(budget: .request) }
        let expected = memory.bytes(count: worker.image.byteCount)
        for round in 0..<100 {
            let arguments: [Value] = [
                .integer(Int64.random(in: 1...Self.actions, using: &generator)),
                .integer(Int64.random(in: 1...1_000_000, using: &generator)),
            ]
            var budget = Budget.request
            budget.cpuMicroseconds = Int.random(in: 0...20_000, using: &generator)
            budget.memoryBytes = worker.image.byteCount + Int.random(in: 1...4, using: &generator) << 20
            let outcome = Self.run(isolate, arguments, budget, maximumSteps: Int.random(in: 1...9, using: &generator))
            #expect(outcome != .killed(.fault), "seed \(seed), round \(round): \(arguments)")
            if round % 11 == 0 {
                pool.giveBack(isolate.take(), of: worker.image, now: UInt64(round))
                if round % 2 == 0 { pool.trim(idleSince: UInt64.max) }
                isolate = Held(try pool.require(worker.image))
            }
            isolate.with { $0.restore(budget: .request) }
            #expect(memory.holds(expected), "seed \(seed), round \(round)")
            if round % 10 == 0 {
                let values = isolate.with { Run($0, arguments: [], budget: .request).values }
                #expect(values == Self.intact, "seed \(seed), round \(round)")
            }
        }
        pool.giveBack(isolate.take(), of: worker.image, now: 0)
    }

    /// Restores and steps at most so often, each step on a thread of its own; nil where it was left in the middle.
    private static func run(_ held: Held, _ arguments: [Value], _ budget: Budget, maximumSteps: Int) -> Run.Outcome? {
        held.with { $0.restore(budget: budget) }
        var writer = MessageWriter()
        writer.beginArray(count: arguments.count)
        for argument in arguments {
            writer.write(argument)
        }
        for _ in 0..<maximumSteps {
            let moved = Moved(held, writer.bytes)
            let step = onThreads(1) { _ in moved.step() }[0]
            switch step {
            case .stopped: writer.removeAll()
            case .called(let values):
                writer.removeAll()
                Run.serve(Worker.Operation.echo.rawValue, values, &writer)
            case .ended(let outcome): return outcome
            }
        }
        return nil
    }

    private enum Stepped: Sendable {
        case stopped
        case called([Value])
        case ended(Run.Outcome)
    }

    /// An isolate on its way to another thread.
    // Unchecked: the thread that made it waits while the other steps.
    private final class Moved: @unchecked Sendable {
        private let held: Held
        private let message: [UInt8]

        init(_ held: Held, _ message: [UInt8]) {
            self.held = held
            self.message = message
        }

        func step() -> Stepped {
            self.held.with { isolate in
                let step = self.message.withUnsafeBytes {
                    isolate.step(message: $0, unixMilliseconds: 0, sliceNanoseconds: 1_000_000)
                }
                switch step {
                case .preempted: return .stopped
                case .call(_, var arguments):
                    guard case .array(let values)? = try? arguments.readValue() else { return .ended(.unreadable) }
                    return .called(values)
                case .killed(let reason): return .ended(.killed(reason))
                default: return .ended(.done([]))
                }
            }
        }
    }

    /// After each request the slot's next one finds what the worker made, for as long as it learns and learns anew.
    @Test func manyRequestsInARowFindTheImage() throws {
        let worker = try Worker(Self.source)
        try worker.withIsolate { isolate in
            for round in 0..<2200 {
                let n = Int64(round * 37 % 12000)
                let run = Run(isolate, arguments: [round % 700 == 699 ? 2 : 1, .integer(n)], budget: .request)
                #expect(run.outcome == .done(["done"]), "round \(round)")
                if round % 100 == 0 {
                    #expect(Run(isolate, arguments: [], budget: .request).values == Self.intact, "round \(round)")
                }
            }
        }
    }

    /// Stacks, upvalues and new strings lie in front of the heap: a handler that changes nothing that the worker made, and
    /// calls, allocates and counts, leaves all of the heap cold.
    @Test(.enabled(if: Engine.isLuaPatched)) func aRequestThatOnlyReadsLeavesTheHeapCold() throws {
        let worker = try Worker(
            """
            local hits, words, meta = 0, {}, { __index = function(_, k) return k end }
            for i = 1, 300 do words[i] = setmetatable({ i }, meta) end
            local function depth(n) return n == 0 and 0 or 1 + depth(n - 1) end
            return function()
              hits = hits + 1
              local text = {}
              for i = 1, 300 do text[i] = words[i].name .. words[i][1] end
              return table.concat(text), hits + depth(3), select('#', coroutine.wrap(function() return hits end)())
            end
            """
        )
        let heap = UInt(worker.image.byteCount) - 3 * 4096
        var pool = SlotPool(maximumSlots: 1)
        let isolate = try pool.require(worker.image)
        let memory = try SlotMemory(isolate)
        for round in 0..<20 {
            let values = Run(isolate, arguments: [], budget: .request).values
            #expect(values.dropFirst() == [4, 1])
            if round > 0 { #expect(try memory.readOnlyBytes == heap, "round \(round)") }
        }
        pool.giveBack(isolate, of: worker.image, now: 0)
        pool.trim(idleSince: .max)
        #expect(try memory.readOnlyBytes == 0)
    }

    /// What lay free in the heap when it was frozen is the last that a request gets, but it gets it.
    @Test func whatWasFreeIsUsedWhenTheLimitIsNear() throws {
        let worker = try Worker(
            """
            local keep, all = {}, {}
            for i = 1, 4000 do all[i] = { i, i, i, i, i, i, i, i } end
            for i = 1, 4000, 40 do keep[#keep + 1] = all[i] end
            all = nil
            return function(n)
              local last
              for i = 1, n or 0 do last = { last, i, i, i, i, i, i, i } end
              return 'made', last and last[8] or 0, keep[7][1]
            end
            """
        )
        // Of 4,000 tables of some 200 bytes 100 are left; the limit leaves room for hardly any but in their places.
        let limit = Budget.memory(worker.image.byteCount + worker.image.sharedByteCount + (96 << 10))
        try worker.withIsolate { isolate in
            for _ in 0..<5 {
                #expect(Run(isolate, arguments: [1500], budget: limit).outcome == .done(["made", 1500, 241]))
                #expect(Run(isolate, arguments: [8000], budget: limit).outcome == .killed(.memory))
                #expect(Run(isolate, arguments: [], budget: limit).outcome == .done(["made", 0, 241]))
            }
        }
    }

    /// A slot that held a large image serves a small one, and the other way round.
    @Test func imagesTakeTurnsInOneSlot() throws {
        let workers = [try Worker(Self.source), try Worker.body("return 'checked'"), try Worker(Self.source)]
        var pool = SlotPool(maximumSlots: 1)
        for round in 0..<30 {
            let worker = workers[round % 3]
            let isolate = try pool.require(worker.image)
            for _ in 0..<(round % 4) + 1 {
                #expect(Run(isolate, arguments: [], budget: .request).value == "checked", "round \(round)")
                if round % 3 != 1 { _ = Run(isolate, arguments: [3, 1], budget: .request) }
            }
            pool.giveBack(isolate, of: worker.image, now: UInt64(round))
        }
    }
}
