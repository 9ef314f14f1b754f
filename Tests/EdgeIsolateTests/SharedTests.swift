import EdgeIsolate
import Testing

/// Strings and compiled functions lie once for all isolates of an image, and no request writes to them.
@Suite struct SharedTests {
    /// 4 MB of strings and 400 functions.
    static let source = """
        local texts, functions = {}, {}
        for i = 1, 64 do texts[i] = (tostring(i % 10)):rep(64 << 10) end
        for i = 1, 400 do
          functions[i] = load('local a, b = ... local function f(x) return x + ' .. i .. ' end return f(a) .. "of' .. i .. '"')
        end
        local by_text = {}
        for i = 1, 64 do by_text[texts[i] .. i] = i end
        return function(round)
          if not round then return texts[1]:sub(1, 3) end
          local sum = 0
          for i = 1, 64 do
            assert(texts[i] == (tostring(i % 10)):rep(64 << 10))
            sum = sum + by_text[texts[i] .. i]
          end
          for i = 1, 400 do assert(functions[i](round) == (round + i) .. 'of' .. i) end
          local keep = {}
          for i = 1, 30000 do keep[i % 300] = { 'of' .. i, ('text'):rep(i % 60), 'of' .. (i % 400 + 1) } end
          for i = 1, 400 do assert(functions[i](round) == (round + i) .. 'of' .. i) end
          return sum
        end
        """

    @Test func aSlotHoldsTheRestOnly() throws {
        let worker = try Worker(Self.source)
        #expect(worker.image.sharedByteCount > 8 << 20)
        #expect(worker.image.byteCount < 256 << 10)
        var pool = SlotPool(maximumSlots: 1)
        let isolate = try pool.require(worker.image)
        let memory = try SlotMemory(isolate)
        #expect(memory.residentBytes < 512 << 10)
        pool.giveBack(isolate, of: worker.image, now: 0)
    }

    /// The collector runs in the middle of each request, and the table of the strings grows and shrinks; a write to what is
    /// shared would end the request as a fault.
    @Test func isolatesOnManyThreadsLeaveItAlone() async throws {
        let worker = try Worker(Self.source)
        let outcomes = await withTaskGroup(of: [Run.Outcome].self) { group in
            for thread in 0..<4 {
                group.addTask {
                    (0..<6).map { round in
                        let arguments: [Value] = [.integer(Int64(thread * 100 + round))]
                        let limit = Budget.memory(worker.image.sharedByteCount + (8 << 20))
                        let run = try? worker.withIsolate {
                            Run($0, arguments: arguments, budget: limit, sliceNanoseconds: 1_000_000)
                        }
                        return run?.outcome ?? .unreadable
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(outcomes == Array(repeating: .done([2080]), count: 24))
    }

    /// What is shared counts in the limits of a load and of a request, and in what a request is told it uses.
    @Test func itCountsAsMemory() throws {
        let worker = try Worker(Self.source)
        let shared = worker.image.sharedByteCount
        #expect(try worker.run(1, budget: .memory(shared + worker.image.byteCount)).outcome == .killed(.memory))
        let run = try worker.run(budget: .memory(shared + (1 << 20)))
        #expect(run.outcome == .done(["111"]))
        #expect(run.usage.heapBytes > shared)
        var small = Budget.startup
        small.memoryBytes = shared / 2
        #expect(throws: BuildError.killed(.memory)) { _ = try Worker(Self.source, budget: small) }
        let source =
            "local s = ('x'):rep(1 << 20) return function() return collectgarbage('count') // 1 | 0, s:sub(1, 1) end"
        let counted = try Worker(source)
        guard case .integer(let kilobytes)? = try counted.run().value else {
            Issue.record("no count")
            return
        }
        #expect(kilobytes > 1024)
    }

    /// Garbage of the top level is reused, whichever heap it lay in.
    @Test func aTopLevelUsesItsLimitAgainAndAgain() throws {
        let source = """
            local n = 0
            for round = 1, 40 do
              local texts, tables = {}, {}
              for i = 1, 100 do texts[i] = ('x'):rep(20000) .. round .. i end
              for i = 1, 20000 do tables[i] = { i } end
              n = n + #texts + #tables
            end
            return function() return n end
            """
        var budget = Budget.startup
        budget.memoryBytes = 12 << 20
        #expect(try Worker(source, budget: budget).run().outcome == .done([.integer(40 * 20100)]))
    }
}
