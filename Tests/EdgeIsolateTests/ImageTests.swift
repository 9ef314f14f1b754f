import EdgeIsolate
import Testing

/// What the top level of a script left is there in every restore and in every slot.
@Suite struct ImageTests {
    static let source = """
        local keys = {
          table = {}, closure = function() return 'closure' end, native = print,
          thread = coroutine.create(function() coroutine.yield() end), wrapped = coroutine.wrap(function() end),
          short = 'short', long = ('long'):rep(50), integer = 1 << 40, negative = -7, float = 2.5, huge = 1e300,
          truth = true, falsehood = false, library = string, null = json.null,
        }
        local keyed, names, count = {}, {}, 0
        for name, key in pairs(keys) do keyed[key] = name count = count + 1 end
        for i = 1, 300 do names['name' .. i] = i names[i * 1000] = -i names[i + 0.5] = i end
        local objects = {}
        for i = 1, 200 do
          objects[i] = i % 2 == 0 and {} or function() return i end
          keyed[objects[i]] = i
        end

        local weak_keys = setmetatable({}, { __mode = 'k' })
        local weak_values = setmetatable({}, { __mode = 'v' })
        for i = 1, 200 do weak_keys[objects[i]] = i weak_values[i] = objects[i] end
        for i = 1, 200 do weak_keys[{}] = -i weak_values[-i] = {} end

        local shared = 0
        local function add(n) shared = shared + n end
        local function get() return shared end
        add(5)

        local Point = {}
        Point.__index = Point
        Point.__add = function(a, b) return setmetatable({ x = a.x + b.x }, Point) end
        Point.__eq = function(a, b) return a.x == b.x end
        function Point:twice() return self.x * 2 end
        local point = setmetatable({ x = 21 }, Point)

        local half = coroutine.create(function(a)
          local kept = { a }
          local b = coroutine.yield(a + 1)
          kept[2] = b
          for word in ('one two three'):gmatch('%a+') do kept[#kept + 1] = coroutine.yield(word) end
          return table.concat(kept, ',')
        end)
        assert(select(2, coroutine.resume(half, 1)) == 2)
        local counter = coroutine.wrap(function() local i = 10 while true do i = i + 1 coroutine.yield(i) end end)
        counter() counter()
        local nested = coroutine.wrap(function()
          local inner = coroutine.wrap(function() for i = 1, 100 do coroutine.yield(i * i) end end)
          while true do coroutine.yield(inner()) end
        end)
        nested()
        local dead = coroutine.create(function() error({ code = 3 }) end)
        coroutine.resume(dead)
        global = { nested = { deep = { 'value' } } }
        string.shout = function(s) return s:upper() .. '!' end

        local function check()
          for name, key in pairs(keys) do assert(keyed[key] == name, name) end
          for i = 1, 200 do assert(keyed[objects[i]] == i) end
          for i = 1, 300 do
            assert(names['name' .. i] == i and names[i * 1000] == -i and names[i + 0.5] == i)
          end
          assert(keyed[('lo' .. 'ng'):rep(50)] == 'long' and keyed[1 << 40] == 'integer' and keyed[2.5] == 'float')
          local n = 0
          for k, v in pairs(weak_keys) do
            assert(k == objects[v])
            n = n + 1
          end
          assert(n == 200)
          n = 0
          for i, v in pairs(weak_values) do
            assert(objects[i] == v)
            n = n + 1
          end
          assert(n == 200)
          assert(getmetatable(point) == Point and (point + point).x == 42 and point:twice() == 42 and point == point)
          assert(coroutine.status(dead) == 'dead' and coroutine.status(keys.thread) == 'suspended')
          assert(global.nested.deep[1] == 'value' and ('x'):shout() == 'X!')
          assert(keys.closure() == 'closure' and objects[3]() == 3)
        end

        local function run()
          check()
          assert(get() == 5)
          add(1)
          assert(get() == 6)
          assert(counter() == 13 and counter() == 14 and nested() == 4 and nested() == 9)
          assert(select(2, coroutine.resume(half, 'b')) == 'one')
          assert(select(2, coroutine.resume(half, 1)) == 'two')
          assert(select(2, coroutine.resume(half, 2)) == 'three')
          assert(select(2, coroutine.resume(half, 3)) == '1,b,1,2,3')
          local keep = {}
          for i = 1, 20000 do
            keep[i % 50] = { ('garbage'):rep(i % 40), i }
            if i % 4000 == 0 then check() end
          end
          for i = 1, 50 do names['name' .. i .. 'x'] = i keyed[{}] = i end
          for i = 1, 50 do names['name' .. i .. 'x'] = nil end
          check()
          return count, collectgarbage('count') > 0
        end
        return run
        """

    @Test func stateSurvivesInEverySlot() throws {
        let worker = try Worker(Self.source)
        var pool = SlotPool(maximumSlots: 10)
        var held: [Held] = []
        for _ in 0..<10 {
            held.append(Held(try pool.require(worker.image)))
        }
        for round in 0..<50 {
            let isolate = held[round % held.count]
            let outcome = isolate.with { Run($0, arguments: [], budget: .memory(1 << 20)).outcome }
            #expect(outcome == .done([15, .bool(true)]), "round \(round)")
        }
        for isolate in held {
            pool.giveBack(isolate.take(), of: worker.image, now: 0)
        }
    }

    @Test func manyImagesOfTheSameSourceAllHold() throws {
        for _ in 0..<30 {
            #expect(try Worker(Self.source).run(budget: .memory(1 << 20)).outcome == .done([15, .bool(true)]))
        }
    }

    @Test func twoWorkersTakeTurnsInOneSlot() throws {
        let workers = [try Worker(Self.source), try Worker.body("return 'small'")]
        let expected: [Run.Outcome] = [.done([15, .bool(true)]), .done(["small"])]
        var pool = SlotPool(maximumSlots: 1)
        for round in 0..<20 {
            let isolate = try pool.require(workers[round % 2].image)
            let outcome = Run(isolate, arguments: [], budget: .memory(1 << 20)).outcome
            #expect(outcome == expected[round % 2])
            pool.giveBack(isolate, of: workers[round % 2].image, now: UInt64(round))
        }
    }

    /// The nodes of a large table hold small numbers in the upper halves of words: none may be taken for an address.
    @Test func largeTablesSurviveInEverySlot() throws {
        let source = """
            local keys, items = {}, {}
            for i = 1, 30000 do keys['key' .. i] = i end
            for i = 4100, 8100, 500 do
              items[i] = {}
              for k = 1, i do items[i][k] = false end
            end
            return function()
              for i = 1, 30000 do if keys['key' .. i] ~= i then return i end end
              for i, item in pairs(items) do if #item ~= i or next(item, i) ~= nil then return -i end end
              return 0
            end
            """
        for _ in 0..<20 {
            #expect(
                try Worker(source, budget: .memory(256 << 20)).run(budget: .memory(256 << 20)).outcome == .done([0])
            )
        }
    }

    @Test func whatAFailedTopLevelLeftIsGone() throws {
        #expect {
            _ = try Worker("local t = {} t.x.y = 1 return function() end", name: "=broken")
        } throws: { error in
            guard case .script(let failure)? = error as? BuildError else { return false }
            return failure.message.hasPrefix("broken:1: attempt to index a nil value (field 'x')")
        }
        #expect {
            _ = try Worker("return function(", name: "=broken")
        } throws: { error in
            guard case .script(let failure)? = error as? BuildError else { return false }
            return failure.message.contains("broken:1:")
        }
    }

    @Test func sizeAndRelocationsAreThoseOfTheHeap() throws {
        let small = try Worker.body("return 1").image
        let source = "local t = {} for i = 1, 100000 do t[i] = i end return function() return #t end"
        let large = try Worker(source).image
        #expect(small.byteCount < 256 << 10)
        #expect(large.byteCount > 1 << 20)
        #expect(small.relocationCount > 100)
        #expect(small.relocationCount * 8 < small.byteCount)
    }
}
