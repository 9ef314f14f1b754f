import EdgeIsolate
import Testing

/// Whatever a request did, the next one starts from the image.
@Suite struct PristineTests {
    static let source = """
        local hits = 0
        local cache = { list = { 1, 2, 3 }, map = { a = 1 } }
        counter = 0
        local co = coroutine.wrap(function() local i = 0 while true do i = i + 1 coroutine.yield(i) end end)
        local trashers = {
          function() for k in pairs(_G) do _G[k] = nil end end,
          function() getmetatable('').__index = function() return 'evil' end end,
          function() string.format = function() return 'evil' end string.rep = nil end,
          function() setmetatable(_G, { __index = function() return 'evil' end }) end,
          function() cache.list = nil cache.map.a = {} cache[cache] = cache end,
          function() for i = 1, 1e9 do cache[i] = ('x'):rep(i) end end,
          function() while true do counter = counter + 1 end end,
          function() while true do co() end end,
          function() local t = {} while true do t[#t + 1] = coroutine.wrap(co) end end,
          function() error({ cache }) end,
          function() while true do print(('line'):rep(10)) end end,
          function() return echo(cache.list) end,
          function() table.sort(cache.list, function() while true do end end) end,
          function() table.insert = nil pairs = nil next = nil json.null = nil math.random = nil end,
          function() local s = 'x' while true do s = s .. s end end,
          function() pcall(error) local x <close> = setmetatable({}, { __close = function() while true do end end }) end,
          function() for i = 1, 1e9 do echo(i) end end,
          function() collectgarbage = nil tostring = nil os.time = nil end,
        }
        local function digest()
          local out = {}
          local function walk(t, depth)
            local names = {}
            for k, v in pairs(t) do
              if type(k) == 'string' or type(k) == 'number' then names[#names + 1] = tostring(k) .. ':' .. tostring(v) end
            end
            table.sort(names)
            out[#out + 1] = table.concat(names, ';')
          end
          walk(_G) walk(string) walk(table) walk(json) walk(math) walk(os) walk(cache) walk(cache.list) walk(cache.map)
          walk(getmetatable(''))
          return table.concat(out, '\\n')
        end
        return function(which)
          hits = hits + 1
          if which then return trashers[which]() end
          local first = co()
          counter = counter + 1
          return digest(), hits, first, counter, #trashers, getmetatable(_G) == nil
        end
        """
    static let trashers: Int64 = 18

    @Test func everyRequestStartsFromTheImage() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let worker = try Worker(Self.source)
        let expected = try worker.run().values
        #expect(Array(expected.dropFirst()) == [1, 1, 1, .integer(Self.trashers), .bool(true)])
        var pool = SlotPool(maximumSlots: 3)
        for round in 0..<400 {
            let isolate = try pool.require(worker.image)
            let which = Int64.random(in: 1...Self.trashers, using: &generator)
            var budget = Budget.request
            budget.cpuMicroseconds = Int.random(in: 0...3000, using: &generator)
            budget.memoryBytes =
                worker.image.byteCount + worker.image.sharedByteCount + Int.random(in: 0...(2 << 20), using: &generator)
            budget.hostCalls = Int.random(in: 0...50, using: &generator)
            let slice: UInt64 = Bool.random(using: &generator) ? 1_000_000 : 0
            let run = Run(isolate, arguments: [.integer(which)], budget: budget, sliceNanoseconds: slice)
            #expect(run.outcome != .killed(.fault), "seed \(seed), round \(round), \(which)")
            if Bool.random(using: &generator) {
                let values = Run(isolate, arguments: [], budget: .request).values
                #expect(values == expected, "seed \(seed), round \(round), after \(which)")
            }
            pool.giveBack(isolate, of: worker.image, now: UInt64(round))
        }
    }

    /// Byte by byte: a restored slot is the image, whatever ran in it and wherever that was ended or left.
    @Test func aRestoredSlotIsTheImage() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let worker = try Worker(Self.source)
        var pool = SlotPool(maximumSlots: 1)
        var isolate = try pool.require(worker.image)
        let memory = try SlotMemory(isolate)
        isolate.restore(budget: .request)
        let expected = memory.bytes(count: worker.image.byteCount)
        for round in 0..<300 {
            let which = Int64.random(in: 1...Self.trashers, using: &generator)
            var budget = Budget.request
            budget.cpuMicroseconds = Int.random(in: 0...3000, using: &generator)
            let size = worker.image.byteCount + worker.image.sharedByteCount
            budget.memoryBytes = size + Int.random(in: 0...(2 << 20), using: &generator)
            isolate.restore(budget: budget)
            var writer = MessageWriter()
            writer.beginArray(count: 1)
            writer.write(.integer(which))
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                let step = writer.bytes.withUnsafeBytes {
                    isolate.step(message: $0, unixMilliseconds: 0, sliceNanoseconds: 100_000)
                }
                guard case .preempted = step else { break }
                writer.removeAll()
            }
            if round % 7 == 0 {
                pool.giveBack(isolate, of: worker.image, now: UInt64(round))
                if round % 2 == 0 { pool.trim(idleSince: UInt64.max) }
                isolate = try pool.require(worker.image)
            }
            isolate.restore(budget: .request)
            #expect(memory.holds(expected), "seed \(seed), round \(round)")
        }
        pool.giveBack(isolate, of: worker.image, now: 0)
    }

    /// A request may be left in the middle: what was suspended is forgotten by the next restore.
    @Test func anAbandonedRequestLeavesNothing() throws {
        let worker = try Worker("local n = 0 return function(call) n = n + 1 if call then echo() end return n end")
        try worker.withIsolate { isolate in
            for _ in 0..<100 {
                isolate.restore(budget: .request)
                var writer = MessageWriter()
                writer.beginArray(count: 1)
                writer.write(true)
                let step = writer.bytes.withUnsafeBytes {
                    isolate.step(message: $0, unixMilliseconds: 0, sliceNanoseconds: 0)
                }
                guard case .call = step else {
                    Issue.record("no call")
                    return
                }
                #expect(Run(isolate, arguments: [], budget: .request).outcome == .done([1]))
            }
        }
    }
}
