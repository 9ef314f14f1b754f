import EdgeIsolate
import Testing

@Suite struct ArenaTests {
    /// Strings, tables that grow and shrink, and coroutines, in an order drawn from a seed; each value is checked
    /// against what its number says it must hold.
    static let workload = """
        return function(seed, rounds)
          local state = seed
          local function draw(n)
            state = (state * 6364136223846793005 + 1442695040888963407)
            return (state >> 33) % n + 1
          end
          local makers = {
            function(n) return { kind = 1, n = n, text = (n .. ","):rep(n % 900) } end,
            function(n)
              local t = {}
              for i = 1, n % 700 do t[i] = i * n end
              return { kind = 2, n = n, list = t }
            end,
            function(n)
              local t = {}
              for i = 1, n % 300 do t["key" .. i .. ":" .. n] = i end
              return { kind = 3, n = n, map = t }
            end,
            function(n)
              local step = coroutine.wrap(function()
                local kept = { n, n + 1 }
                while true do coroutine.yield(kept[1] + kept[2]) end
              end)
              step()
              return { kind = 4, n = n, step = step }
            end,
          }
          local checkers = {
            function(v) return v.text == (v.n .. ","):rep(v.n % 900) end,
            function(v)
              for i = 1, v.n % 700 do if v.list[i] ~= i * v.n then return false end end
              return #v.list == v.n % 700
            end,
            function(v)
              local count = 0
              for key, i in pairs(v.map) do
                if key ~= "key" .. i .. ":" .. v.n then return false end
                count = count + 1
              end
              return count == v.n % 300
            end,
            function(v) return v.step() == 2 * v.n + 1 end,
          }
          local live = {}
          for round = 1, rounds do
            local place = draw(200)
            local old = live[place]
            if old and not checkers[old.kind](old) then error("kind " .. old.kind .. " at round " .. round) end
            live[place] = draw(3) > 1 and makers[draw(4)](draw(100000)) or nil
          end
          for _, v in pairs(live) do
            if not checkers[v.kind](v) then error("kind " .. v.kind .. " at the end") end
          end
          return "right"
        end
        """

    @Test func contentsSurviveARandomWorkload() throws {
        let worker = try Worker(Self.workload)
        for _ in 0..<4 {
            let seed = Int64.random(in: 1...Int64.max)
            let run = try worker.run(.integer(seed), 3000, budget: .memory(32 << 20))
            #expect(run.outcome == .done(["right"]), "seed \(seed)")
        }
    }

    @Test(arguments: [
        "for i = 1, 400000 do local t = { i, i + 1, name = i } end",
        "for i = 1, 100000 do local s = ('x'):rep(1000) .. i end",
        "for i = 1, 3000 do local t = {} for j = 1, 1000 do t[j] = j end end",
        "for i = 1, 60000 do coroutine.wrap(function() coroutine.yield(i) end)() end",
        "for i = 1, 400000 do local f = function() return i end end",
        "local keep = {} for i = 1, 100000 do keep[i % 100] = ('y'):rep(i % 2000) end",
        "for i = 1, 150 do local s = ('z'):rep(200000 + i * 997) end",
        "for i = 1, 700 do local t = {} for j = 1, 1000 do t['k' .. j .. i] = j end end",
    ])
    func garbageOfManyTimesTheLimitFitsUnderIt(loop: String) throws {
        let run = try Worker.body("\(loop) return 'done'").run(budget: .memory(2 << 20))
        #expect(run.outcome == .done(["done"]))
        #expect(run.usage.heapBytes <= 2 << 20)
    }

    @Test func aLargeLiveSetLeavesRoomForGarbage() throws {
        let source = """
            local live = {}
            for i = 1, 6000 do live[i] = { i, tostring(i) } end
            for i = 1, 300000 do local t = { i } end
            for i = 1, 6000 do assert(live[i][1] == i and live[i][2] == tostring(i)) end
            return 'done'
            """
        let run = try Worker.body(source).run(budget: .memory(2 << 20))
        #expect(run.outcome == .done(["done"]))
    }

    /// One block at the top of the heap may take all that is left, and not a byte more.
    @Test func theLimitIsExact() throws {
        let worker = try Worker.body("local s = ('x'):rep(...) return #s")
        func outcome(_ size: Int, _ limit: Int) throws -> Run.Outcome {
            try worker.run(.integer(Int64(size)), budget: .memory(limit)).outcome
        }
        let limit = 8 << 20
        var fits = 1 << 20
        var tooLarge = limit
        while tooLarge - fits > 1 {
            let size = (fits + tooLarge) / 2
            if try outcome(size, limit) == .killed(.memory) {
                tooLarge = size
            } else {
                fits = size
            }
        }
        #expect(try outcome(fits, limit) == .done([.integer(Int64(fits))]))
        #expect(try outcome(tooLarge, limit) == .killed(.memory))
        #expect(try outcome(tooLarge, limit + 16) == .done([.integer(Int64(tooLarge))]))
    }

    @Test(arguments: [
        "local t = {} for i = 1, 1e9 do t[i] = {} end",
        "pcall(function() local t = {} for i = 1, 1e9 do t[i] = {} end end) return 1",
        "while true do pcall(string.rep, 'x', 1 << 27) end",
        "coroutine.wrap(function() local s = 'x' while true do s = s .. s end end)()",
        "xpcall(error, function() local s = 'x' while true do s = s .. s end end) return 1",
        "local x <close> = setmetatable({}, { __close = function() local s = ('x'):rep(1 << 27) end }) return 1",
        "local t = {} for i = 1, 1e9 do t[i] = coroutine.create(print) end",
        "table.concat({ ('x'):rep(1 << 22), ('y'):rep(1 << 22) }, ('z'):rep(1 << 24)) return 1",
        "table.sort({ 3, 2, 1 }, function() return #('x'):rep(1 << 27) > 0 end) return 1",
        "pcall(string.gsub, 'abc', '.', function() return ('x'):rep(1 << 27) end) return 1",
        "local t = table.pack(('x'):rep(100000):byte(1, -1)) return load('return ' .. ('{'):rep(1 << 25))",
    ])
    func overTheLimitTheIsolateEnds(attack: String) throws {
        let run = try Worker.body(attack).run(budget: .memory(16 << 20))
        #expect(run.outcome == .killed(.memory))
    }

    @Test func aLimitUnderTheImageEndsTheFirstAllocation() throws {
        let worker = try Worker.body("local t = {} for i = 1, 100 do t[i] = {} end return #t")
        #expect(try worker.run(budget: .memory(4096)).outcome == .killed(.memory))
        #expect(try worker.run().outcome == .done([100]))
    }

    /// However small the startup limit, a build ends as out of memory and not in a fault.
    @Test func aBuildEndsCleanlyAtAnyLimit() throws {
        for bytes in stride(from: 1 << 10, through: 1 << 18, by: 3 << 10) {
            var budget = Budget.startup
            budget.memoryBytes = bytes
            do {
                _ = try Worker("return function() end", budget: budget)
            } catch {
                #expect(error as? BuildError == .killed(.memory), "\(bytes) bytes")
            }
        }
    }
}
