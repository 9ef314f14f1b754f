import EdgeIsolate
import Testing

/// `coroutine.*` behaves as in stock Lua, though its coroutines are resumed by the host's loop.
@Suite struct CoroutineTests {
    /// Bodies that hold for stock Lua 5.4 too; each asserts and returns nothing.
    static let semantics: [String] = [
        "local c = coroutine.create(print) assert(coroutine.status(c) == 'suspended')",
        "local c = coroutine.create(function() end) coroutine.resume(c) assert(coroutine.status(c) == 'dead')",
        "assert(coroutine.status(coroutine.running()) == 'running')",
        """
        local outer
        local inner = coroutine.create(function() return coroutine.status(outer) end)
        outer = coroutine.create(function() return select(2, coroutine.resume(inner)) end)
        assert(select(2, coroutine.resume(outer)) == 'normal')
        """,
        """
        local c = coroutine.create(function(...)
          local n = select('#', ...)
          local a, b = coroutine.yield(n)
          local d = coroutine.yield(a + b)
          return d, nil, 'end', nil
        end)
        local function same(expected, ...)
          assert(select('#', ...) == #expected)
        end
        local ok, n = coroutine.resume(c, nil, 2, nil)
        assert(ok and n == 3)
        assert(select(2, coroutine.resume(c, 4, 5)) == 9)
        local r = table.pack(coroutine.resume(c, 'x'))
        assert(r.n == 5 and r[1] == true and r[2] == 'x' and r[3] == nil and r[4] == 'end')
        assert(coroutine.status(c) == 'dead')
        """,
        """
        local c = coroutine.create(function() end)
        coroutine.resume(c)
        local ok, e = coroutine.resume(c)
        assert(not ok and e == 'cannot resume dead coroutine')
        """,
        """
        local ok, e = coroutine.resume(coroutine.running())
        assert(not ok and e == 'cannot resume non-suspended coroutine')
        """,
        """
        local outer
        outer = coroutine.create(function()
          return coroutine.resume(coroutine.create(function() return coroutine.resume(outer) end))
        end)
        local r = table.pack(coroutine.resume(outer))
        assert(r[2] == true and r[3] == false and r[4] == 'cannot resume non-suspended coroutine')
        """,
        """
        local w = coroutine.wrap(function() error({ code = 7 }) end)
        local ok, e = pcall(w)
        assert(not ok and e.code == 7)
        """,
        """
        local w = coroutine.wrap(function() error('text', 0) end)
        local ok, e = pcall(function() w() end)
        assert(not ok and e:find('^worker:%d+: text$'), e)
        local ok, e = pcall(function() w() end)
        assert(not ok and e:find('cannot resume dead coroutine', 1, true), e)
        """,
        """
        local c = coroutine.create(function() error('in it') end)
        local ok, e = coroutine.resume(c)
        assert(not ok and e:find('in it'))
        assert(coroutine.status(c) == 'dead')
        local closed, why = coroutine.close(c)
        assert(closed == false and why == e)
        """,
        """
        local log = {}
        local c = coroutine.create(function()
          local x <close> = setmetatable({}, { __close = function(_, e) log[#log + 1] = tostring(e) end })
          coroutine.yield()
        end)
        coroutine.resume(c)
        assert(coroutine.close(c) == true and log[1] == 'nil' and coroutine.status(c) == 'dead')
        """,
        """
        local c = coroutine.create(function()
          local x <close> = setmetatable({}, { __close = function() error('closing', 0) end })
          coroutine.yield()
        end)
        coroutine.resume(c)
        local ok, e = coroutine.close(c)
        assert(ok == false and e == 'closing')
        """,
        "assert(not pcall(coroutine.close, coroutine.running()))",
        """
        local ok, e = coroutine.resume(coroutine.create(function()
          return pcall(function() local v = coroutine.yield(1) error(v, 0) end)
        end))
        """,
        """
        local c = coroutine.wrap(function()
          local ok, e = pcall(function() local v = coroutine.yield(1) error(v, 0) end)
          coroutine.yield(e)
          return select(2, xpcall(function() return coroutine.yield(3) end, print))
        end)
        assert(c() == 1 and c('raised') == 'raised' and c() == 3 and c('out') == 'out')
        """,
        """
        local sum = 0
        for a, b in coroutine.wrap(function() for i = 1, 10 do coroutine.yield(i, i * i) end end) do sum = sum + b end
        assert(sum == 385)
        """,
        """
        local mt = { __index = function(t, k) return coroutine.yield(k) end,
                     __add = function(a, b) return coroutine.yield('add') end,
                     __lt = function(a, b) return coroutine.yield('lt') end,
                     __concat = function(a, b) return coroutine.yield('cat') end,
                     __call = function(self, x) return coroutine.yield(x) end }
        local t = setmetatable({}, mt)
        local w = coroutine.wrap(function()
          assert(t.name == 1)
          assert(t + 1 == 2)
          assert((t < t) == true)
          assert(t .. 'x' == 4)
          assert(t('arg') == 5)
          return 'end'
        end)
        assert(w() == 'name' and w(1) == 'add' and w(2) == 'lt' and w(true) == 'cat' and w(4) == 'arg')
        assert(w(5) == 'end')
        """,
        "local c, main = coroutine.running() assert(type(c) == 'thread' and main == true)",
        """
        local c = coroutine.create(function() return coroutine.running() end)
        local ok, running, main = coroutine.resume(c)
        assert(running == c and main == false)
        """,
        "assert(coroutine.isyieldable() == false)",
        "assert(coroutine.wrap(coroutine.isyieldable)() == true)",
        """
        local ok, e = pcall(coroutine.yield, 1)
        assert(not ok and e == 'attempt to yield from outside a coroutine')
        """,
        """
        local w = coroutine.wrap(function() table.sort({ 3, 2, 1 }, function() coroutine.yield() end) end)
        local ok, e = pcall(w)
        assert(not ok and e:find('attempt to yield across a C-call boundary', 1, true))
        """,
        """
        local order = {}
        table.sort({ 3, 1, 2 }, function(a, b)
          local c = coroutine.wrap(function() coroutine.yield(a) coroutine.yield(b) end)
          return c() < c()
        end)
        """,
        """
        local n = 0
        local r = ('abc'):gsub('.', coroutine.wrap(function(c)
          while true do n = n + 1 c = coroutine.yield(c .. n) end
        end))
        assert(r == 'a1b2c3')
        """,
        """
        local c = coroutine.create(function(...) return ... end)
        local t = {}
        for i = 1, 5000 do t[i] = i end
        local r = table.pack(coroutine.resume(c, table.unpack(t)))
        assert(r.n == 5001 and r[5001] == 5000)
        """,
        """
        local w = coroutine.wrap(function(...)
          while true do
            local n = select('#', ...)
            coroutine.yield(table.unpack({ ... }, 1, n))
          end
        end)
        assert(select('#', w(nil, nil, nil)) == 3)
        """,
        "assert(not pcall(coroutine.resume, 1)) assert(not pcall(coroutine.create, 1)) assert(not pcall(coroutine.wrap))",
        """
        local w = coroutine.wrap(coroutine.yield)
        assert(w(1) == 1 and w(2) == 2)
        """,
        """
        local c = coroutine.wrap(function() return pcall(pcall, pcall, error, 'deep') end)
        local a, b, d, e = c()
        assert(a and b and d == false and e == 'deep')
        """,
        """
        local n = 0
        local function gen() for i = 1, 3 do coroutine.yield(i) end end
        local a, b = coroutine.wrap(gen), coroutine.wrap(gen)
        for i = 1, 3 do n = n + a() * 10 + b() end
        assert(n == 66)
        """,
    ]

    @Test(arguments: semantics)
    func holdsAsInStockLua(body: String) throws {
        let run = try Worker("return function() \(body)\nend", name: "=worker").run()
        #expect(run.outcome == .done([]))
    }

    /// Each resumes the next, and so on; the values come back through all of them.
    @Test func aChainOfTenThousand() throws {
        let source = """
            local function nest(n)
              if n == 0 then return echo('bottom') end
              local value = coroutine.wrap(nest)(n - 1)
              return value, n
            end
            return nest(10000)
            """
        let run = try Worker.body(source).run()
        #expect(run.outcome == .done(["bottom", 10000]))
        #expect(run.calls == [["bottom"]])
    }

    @Test func anErrorComesUpThroughAChain() throws {
        let source = """
            local function nest(n)
              if n == 0 then error({ code = 9 }) end
              local ok, e = coroutine.resume(coroutine.create(nest), n - 1)
              assert(not ok)
              error(e)
            end
            local ok, e = pcall(nest, 2000)
            return ok, e.code
            """
        #expect(try Worker.body(source).run().outcome == .done([.bool(false), 9]))
    }

    /// A coroutine that is closed while it runs others beneath a C function, then collected: the tick must not write to it.
    @Test func aClosedCoroutineIsNotTouchedByTheTick() throws {
        let source = """
            local function close_one()
              local c = coroutine.create(function()
                local x <close> = setmetatable({}, { __close = function()
                  coroutine.wrap(function() coroutine.yield() end)()
                end })
                coroutine.yield()
              end)
              coroutine.resume(c)
              coroutine.close(c)
            end
            close_one()
            local words = {}
            for i = 1, 40000 do words[i % 1000] = { ('w'):rep(i % 300), i } end
            local sum = 0
            for i = 1, 2000000 do sum = sum + i % 7 end
            for i = 39001, 40000 do
              local word = words[i % 1000]
              assert(word[1] == ('w'):rep(i % 300) and word[2] == i)
            end
            return sum
            """
        let worker = try Worker.body(source)
        for _ in 0..<5 {
            let run = try worker.run(budget: .memory(4 << 20), sliceNanoseconds: 1_000_000)
            #expect(run.outcome == .done([5_999_997]))
            #expect(run.preemptions > 1)
        }
    }

    @Test func resultsThatDoNotFitLeaveTheCoroutineDead() throws {
        let source = """
            local c = coroutine.create(function() return table.unpack({}, 1, 150000) end)
            local ok, e
            table.sort({ 2, 1 }, function()
              if not ok then
                ok, e = pcall(function() return select('#', table.unpack({}, 1, 100000), coroutine.resume(c)) end)
                ok = true
              end
              return false
            end)
            return coroutine.status(c)
            """
        #expect(try Worker.body(source).run(budget: .memory(256 << 20)).outcome == .done(["dead"]))
    }
}
