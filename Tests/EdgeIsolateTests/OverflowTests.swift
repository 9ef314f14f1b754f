import EdgeIsolate
import Testing

/// Nothing that a script does to the stack or to the VM takes the process with it.
@Suite struct OverflowTests {
    /// What ends as an error of the script, a kill or well: but ends.
    static let scripts: [String] = [
        "local function f() return 1 + f() end f()",
        "local function f() pcall(f) end f()",
        "local function f() return pcall(f) end return f()",
        "local function f(...) return f(1, ...) end f()",
        "local function f() local t = setmetatable({}, { __index = f }) return t.x .. '' end f()",
        "local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x",
        "local t = {} for i = 1, 300 do t = setmetatable({}, { __index = t }) end return t.x",
        "return string.find(('('):rep(300000), ('('):rep(300000))",
        "return string.find(('a'):rep(300000), ('a?'):rep(300000))",
        "return string.match(('x'):rep(300000), '^(x*x*x*)$')",
        "return string.rep('%b()', 100000):find(('%b()'):rep(1000))",
        "return load('return ' .. ('('):rep(100000) .. '1' .. (')'):rep(100000))",
        "return load('return ' .. ('{'):rep(100000) .. ('}'):rep(100000))",
        "return load('return ' .. ('-'):rep(100000) .. '1')",
        "return load('return ' .. ('not '):rep(100000) .. '1')",
        "return load(('do '):rep(100000) .. ('end '):rep(100000))",
        "return load(('function f() '):rep(10000) .. ('end '):rep(10000))",
        "return load('return ' .. ('a .. '):rep(100000) .. 'a')",
        "return load('return ' .. ('2 ^ '):rep(100000) .. '2')",
        "return load('local a = nil; return a' .. ('.a'):rep(12000))()",
        "return load('return a' .. ('.a'):rep(12000))()",
        "return load('return a' .. ('()'):rep(100000))",
        "return load('local ' .. ('a,'):rep(300) .. 'a')",
        "return load('goto ' .. ('x'):rep(1000000))",
        """
        local function nest(n)
          local c = coroutine.create(function()
            local x <close> = setmetatable({}, { __close = function() if n > 0 then nest(n - 1) end end })
            coroutine.yield()
          end)
          coroutine.resume(c)
          coroutine.close(c)
        end
        nest(100000)
        """,
        """
        local last
        for i = 1, 20000 do
          local inner = last
          last = coroutine.create(function()
            local x <close> = setmetatable({}, { __close = function() if inner then coroutine.close(inner) end end })
            coroutine.yield()
          end)
          coroutine.resume(last)
        end
        return coroutine.close(last)
        """,
        "local function f() return coroutine.wrap(f)() end f()",
        "local function f() table.sort({ 1, 2 }, function() f() end) end f()",
        "local function f() return (('x'):gsub('x', f)) end f()",
        "local function f() table.sort({ 1, 2 }, function() coroutine.wrap(f)() end) end f()",
        "local t = setmetatable({}, { __tostring = function(t) return tostring(t) end }) return tostring(t)",
        "local t = {} t[1] = t return t",
        "local t = {} for i = 1, 100000 do t = { t } end return t",
        "local t = {} for i = 1, 100000 do t = { t } end return json.encode(t)",
        "return json.decode(('['):rep(100000))",
        "return table.unpack({}, 1, 1e7)",
        "return ('x'):rep(1000000):byte(1, -1)",
        "return string.char(table.unpack({}, 1, 1e6))",
        "xpcall(function() error() end, function() error() end) local function h() error(h) end xpcall(error, h)",
        "local function h() return xpcall(error, h) end return h()",
        "error(setmetatable({}, { __tostring = function() error('again') end }))",
        "return string.format('%99.99f', 1e308), string.format(('%s'):rep(10000), 1)",
        "local function f(n) local x <close> = setmetatable({}, { __close = f }) f(n) end pcall(f, 1) error('x')",
    ]

    @Test(arguments: scripts)
    func endsWithoutHarm(script: String) throws {
        let worker = try Worker(
            """
            local count = 0
            return function(honest)
              count = count + 1
              if honest then return count end
              \(script)
            end
            """
        )
        let outcomes = onThreads(1) { _ in
            (try? worker.withIsolate { isolate in
                (0..<2).flatMap { round in
                    [
                        Run(isolate, arguments: [], budget: .cpu(milliseconds: 300)).outcome,
                        Run(isolate, arguments: [1], budget: .request).outcome,
                    ]
                }
            }) ?? []
        }[0]
        #expect(outcomes.count == 4)
        #expect(outcomes.indices.allSatisfy { $0 % 2 == 0 || outcomes[$0] == .done([1]) })
        #expect(!outcomes.contains(.unreadable))
    }

    @Test(arguments: [
        ("local function f() return 1 + f() end f()", "stack overflow"),
        ("local function f() return (('x'):gsub('x', f)) end f()", "C stack overflow"),
        ("return assert(load('return ' .. ('('):rep(100000)))", "C stack overflow"),
        ("return string.find(('a'):rep(300000), ('a?'):rep(300000))", "pattern too complex"),
        ("local t = {} t[1] = t return t", "nested deeper than 64 levels"),
    ])
    func saysWhatOverflowed(script: String, text: String) throws {
        // A million stack slots and their frames take more than the 64 MB of the other tests.
        guard case .failed(let message) = try Worker.body(script).run(budget: .memory(256 << 20)).outcome else {
            Issue.record("it did not fail")
            return
        }
        #expect(message.contains(text))
    }

    /// Lua 5.4.4 keeps a stale stack pointer where `__concat` grows the stack: its reads may fault, and must not do harm.
    @Test func aBrokenVMEndsItsIsolateAlone() throws {
        let source = """
            local count = 0
            local function grow(n) if n == 0 then return 0 end return 1 + grow(n - 1) end
            local mt = {}
            mt.__concat = function(a, b) grow(count) return setmetatable({}, mt) end
            return function(depth)
              if depth == 0 then return 'right' end
              count = depth
              local object = setmetatable({}, mt)
              local made
              for i = 1, 50 do
                coroutine.wrap(function()
                  made = 'a' .. 'b' .. object .. 'c' .. object .. 'd' .. i .. object
                  local t = {}
                  for j = 1, 20 do t[j] = { ('s'):rep(j * 13) } end
                end)()
              end
              return type(made)
            end
            """
        let worker = try Worker(source)
        let outcomes = onThreads(2) { _ in
            (try? worker.withIsolate { isolate in
                (1...150).flatMap { round in
                    [
                        Run(isolate, arguments: [.integer(round * 13 % 1500)], budget: .cpu(milliseconds: 100)).outcome,
                        Run(isolate, arguments: [0], budget: .request).outcome,
                    ]
                }
            }) ?? []
        }
        for list in outcomes {
            #expect(list.count == 300)
            for (index, outcome) in list.enumerated() where index % 2 == 1 {
                #expect(outcome == .done(["right"]))
            }
        }
    }
}
