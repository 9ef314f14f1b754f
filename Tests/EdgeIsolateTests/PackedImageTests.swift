import EdgeIsolate
import Glibc
import Testing

/// Images that leave memory for a file and come back. That another process can run them is tested with the executable.
@Suite struct PackedImageTests {
    /// Suspended calls, iterators, closures and objects of all libraries: whatever of C a script can leave in its heap.
    static let leftovers = """
        local kept = {}
        local function suspend(f, ...)
          local thread = coroutine.create(f)
          coroutine.resume(thread, ...)
          kept[#kept + 1] = thread
        end
        suspend(function() pcall(coroutine.yield) end)
        suspend(function() pcall(function() xpcall(coroutine.yield, debug.traceback) end) end)
        suspend(function()
          local long = table.concat { ('x'):rep(30000), 'b' }
          string.format('%s %q', long, long)
          coroutine.yield()
        end)
        suspend(function() for _ in pairs(setmetatable({}, { __pairs = coroutine.yield })) do end end)
        suspend(function() for _ in coroutine.wrap(function() coroutine.yield(1) end) do coroutine.yield() end end)
        kept.matches = ('abc'):gmatch('.')
        kept.matches()
        kept.wrapped = coroutine.wrap(function() for i = 1, 9 do coroutine.yield(i) end end)
        kept.wrapped()
        kept.iterators = { utf8.codes('abc'), utf8.codes('abc', true), pairs({}), ipairs({}), next }
        kept.json = json.decode('{"a":[1,2,3,null]}')
        kept.error = select(2, pcall(error, {}))
        kept.required = { pcall(require, 'nothing') }
        table.sort({ 3, 2, 1 }, function(a, b) return a < b end)
        local every = {}
        for library, functions in pairs(_G) do
          if type(functions) == 'table' then
            for name, f in pairs(functions) do every[library .. '.' .. name] = f end
          end
        end
        for i = 1, 1000 do kept[i .. 'CPU' .. i] = i .. 'GPUV' end
        return function(n)
          local sum = kept.wrapped() + kept.json.a[3] + #kept.matches()
          for _ in pairs(every) do sum = sum + 1 end
          assert(every['string.len']('abc') == 3 and kept['7CPU7'] == '7GPUV')
          for i = 1, #kept do assert(coroutine.status(kept[i]) == 'suspended') end
          return sum + n
        end
        """

    @Test func anImageFromAFileAnswersAsTheOneInMemory() throws {
        let worker = try Worker(Self.leftovers)
        let expected = try worker.run(.integer(4)).outcome
        guard case .done = expected else { throw NoIsolate() }
        let copy = try #require(try ImageCopy(worker.image))
        let image = try copy.image(like: worker.image)
        #expect(!image.isLoaded)
        var pool = SlotPool(maximumSlots: 3)
        for round in 0..<3 {
            let isolate = try pool.require(image)
            #expect(Run(isolate, arguments: [.integer(4)], budget: .request).outcome == expected, "round \(round)")
            pool.giveBack(isolate, of: image, now: UInt64(round))
        }
        #expect(image.isLoaded, "a slot is bound to it")
        pool.trim(idleSince: .max)
        #expect(!image.isLoaded)
        let isolate = try pool.require(image)
        pool.giveBack(isolate, of: image, now: 9)
    }

    @Test func whoHoldsAnImageKeepsItInMemory() throws {
        let worker = try Worker("return function() return 1 end")
        let copy = try #require(try ImageCopy(worker.image))
        let image = try copy.image(like: worker.image)
        var holds = [try #require(image.hold()), try #require(image.hold())]
        holds.removeLast()
        #expect(image.isLoaded)
        holds.removeLast()
        #expect(!image.isLoaded && !image.isLost)
        #expect(worker.image.isLoaded, "an image without a file is always in memory")
    }

    @Test func damageIsFoundWhereverItIs() throws {
        let worker = try Worker("local t = { 1, 2, 3 } return function() return #t end")
        let copy = try #require(try ImageCopy(worker.image))
        var generator = SeededGenerator(seed: 7)
        // The head and its neighbours one by one, then anywhere.
        let bits = Array(0..<640) + (0..<2000).map { _ in Int.random(in: 0..<8 * copy.count, using: &generator) }
        for bit in bits {
            try copy.flip(bit: bit)
            let image = try copy.image(like: worker.image)
            #expect(image.hold() == nil && image.isLost && !image.isLoaded, "bit \(bit)")
            try copy.flip(bit: bit)
        }
        #expect(try copy.image(like: worker.image).hold() != nil, "the file is whole again")
        for count in [copy.count - 1, copy.count / 2, 4096, 64, 1, 0] {
            copy.cut(to: count)
            #expect(try copy.image(like: worker.image).hold() == nil, "\(count) bytes")
        }
        unlink(copy.path)
        let image = try copy.image(like: worker.image)
        var pool = SlotPool(maximumSlots: 1)
        #expect(pool.lease(image) == nil && image.isLost)
    }

    @Test func anImageThatNoSlotIsThereForIsNotRead() throws {
        let worker = try Worker("return function() return 1 end")
        let copy = try #require(try ImageCopy(worker.image))
        let image = try copy.image(like: worker.image)
        unlink(copy.path)
        var pool = SlotPool(maximumSlots: 1)
        let isolate = try pool.require(worker.image)
        #expect(pool.lease(image) == nil && !image.isLost, "a look at its file would have told that it is gone")
        pool.giveBack(isolate, of: worker.image, now: 0)
        #expect(pool.lease(image) == nil && image.isLost)
        let again = try pool.require(worker.image)
        pool.giveBack(again, of: worker.image, now: 1)
    }

    @Test func aFileIsForTheImageItWasMadeOf() throws {
        let one = try Worker("return function() return 1 end")
        let other = try Worker("local t = {} for i = 1, 100 do t[i] = {} end return function() return 2 end")
        let copy = try #require(try ImageCopy(one.image))
        #expect(try copy.image(like: other.image).hold() == nil)
    }

    /// Lua hashes a C function by its address, which is another one in another process.
    @Test(arguments: [
        "local t = { [print] = 1 } return function() return t[print] end",
        "local t = {} t[string.len] = 1 t[math.sin] = 2 t[1] = 3 t.x = 4 return function() return t.x end",
        "local t = setmetatable({}, { __mode = 'k' }) t[next] = {} return function() return t end",
    ])
    func aTableWithACFunctionAsKeyStaysInItsProcess(_ source: String) throws {
        let worker = try Worker(source)
        #expect(try ImageCopy(worker.image) == nil)
        _ = try worker.run()
    }
}
