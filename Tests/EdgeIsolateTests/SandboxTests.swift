import EdgeIsolate
import Testing

@Suite struct SandboxTests {
    @Test(arguments: [
        "io", "package", "require", "dofile", "loadfile", "warn", "string.dump", "debug.getinfo", "debug.sethook",
        "debug.getregistry", "debug.getlocal", "debug.setlocal", "debug.getupvalue", "debug.setupvalue",
        "debug.upvaluejoin", "debug.upvalueid", "debug.getmetatable", "debug.setmetatable", "debug.getuservalue",
        "debug.setuservalue", "debug.gethook", "debug.debug", "debug.setcstacklimit", "os.execute", "os.exit",
        "os.getenv", "os.remove", "os.rename", "os.tmpname", "os.setlocale", "host", "edge",
    ])
    func isGone(name: String) throws {
        #expect(try Worker.body("return \(name) == nil").run().outcome == .done([.bool(true)]))
    }

    @Test(arguments: [
        "string.format", "table.sort", "math.floor", "utf8.char", "coroutine.wrap", "debug.traceback", "os.time",
        "os.date", "os.clock", "json.encode", "base64.encode", "hex.encode", "url.parse", "html.escape", "log.info",
        "load", "pcall", "xpcall", "select", "rawget", "rawset", "rawlen", "rawequal", "next", "pairs", "ipairs",
        "tostring", "tonumber", "type", "error", "assert", "print", "collectgarbage", "getmetatable", "setmetatable",
    ])
    func isThere(name: String) throws {
        #expect(try Worker.body("return type(\(name))").run().outcome == .done(["function"]))
    }

    /// A chunk of bytecode begins with ESC; what follows doesn't matter.
    @Test(arguments: [
        "load('\\27Lua')", "load('\\27Lua', 'n', 'b')", "load('\\27Lua', 'n', 'bt')", "load('\\27Lua', 'n', nil, {})",
        "load(function() return '\\27Lua' end)", "load(function() return '\\27Lua' end, 'n', 'bt')",
        "load(coroutine.wrap(function() coroutine.yield('\\27') coroutine.yield('Lua') end), 'n', 'b')",
        "load('return 1', 'n', 'b')",
    ])
    func loadRefusesBytecode(call: String) throws {
        let run = try Worker.body("local f, e = \(call) return f, e").run()
        #expect(run.values.first == .nil)
        #expect(run.values.last?.text?.contains("attempt to load a binary chunk") == true)
    }

    @Test(
        arguments: [
            ("return load('return 7')()", [7]),
            ("return load('return ...')(8)", [8]),
            ("return load('x = 1 return x', 'n', 't', {})(), x", [1, .nil]),
            ("local t = { 'return ', '9' } local i = 0 return load(function() i = i + 1 return t[i] end)()", [9]),
            ("return select(2, load('error(', '=mine'))", ["mine:1: unexpected symbol near <eof>"]),
            ("return pcall(load)", [.bool(false), "bad argument #1 to 'load' (value expected)"]),
            ("return load('return x', 'n', nil, { x = 5 })()", [5]),
        ] as [(String, [Value])]
    )
    func loadTakesText(body: String, expected: [Value]) throws {
        #expect(try Worker.body(body).run().outcome == .done(expected))
    }

    @Test(arguments: ["collect", "stop", "restart", "step", "isrunning", "generational", "incremental", "setpause"])
    func theCollectorCanNotBeSteered(option: String) throws {
        let run = try Worker.body("return pcall(collectgarbage, '\(option)')").run()
        #expect(run.values.first == .bool(false))
        #expect(run.values.last?.text?.contains("only \"count\" is") == true)
    }

    @Test func setmetatableBehavesAsInLua() throws {
        let source = """
            local mt = { __gc = function() end, __index = { x = 1 }, __metatable = 'locked' }
            local t = {}
            assert(setmetatable(t, mt) == t and t.x == 1 and getmetatable(t) == 'locked')
            assert(rawget(mt, '__gc') ~= nil)
            local ok, e = pcall(setmetatable, t, nil)
            assert(not ok and e == 'cannot change a protected metatable')
            assert(not pcall(setmetatable, 1, {}) and not pcall(setmetatable, {}, 1) and not pcall(setmetatable, {}))
            local plain = setmetatable({}, { __gc = true })
            assert(getmetatable(plain).__gc == true and setmetatable(plain, nil) == plain)
            assert(getmetatable(plain) == nil)
            return 'right'
            """
        #expect(try Worker.body(source).run().outcome == .done(["right"]))
    }

    /// Numbers that tell objects apart are no addresses: each has eight digits, and they differ between two images of one source.
    @Test func noAddressIsInAnyText() throws {
        let source = """
            local texts = {}
            local function keep(text) texts[#texts + 1] = tostring(text) end
            local objects = { {}, function() end, coroutine.create(print), print, setmetatable({}, { __name = 'Mine' }) }
            for _, object in ipairs(objects) do
              keep(object)
              keep(('%s'):format(object))
              keep(('%10s|%-30s'):format(object, object))
              keep(select(2, pcall(error, tostring(object))))
              keep(select(2, pcall(('x').rep, object)))
              keep(select(2, pcall(table.concat, { object })))
              keep(select(2, pcall(function() return object .. 1 end)))
              keep(select(2, pcall(function() return object < 1 end)))
              keep(select(2, pcall(string.format, '%d', object)))
              keep(select(2, pcall(string.format, '%q', object)))
              keep(select(2, pcall(json.encode, { x = object })))
              keep(debug.traceback(object))
              print(object)
              log.warn(object)
            end
            keep(debug.traceback('x'))
            keep(coroutine.wrap(function() return debug.traceback('y') end)())
            return pcall(string.format, '%p', {}), select(2, pcall(string.format, '%p', {})), table.concat(texts, '\\n')
            """
        let worker = try Worker.body(source)
        let run = try worker.run()
        #expect(run.values.dropFirst().first?.text?.contains("addresses are hidden") == true)
        let texts = (run.values.last?.text ?? "") + (run.log ?? []).map { "\($0)" }.joined()
        #expect(texts.contains("table: 0x"))
        #expect(!texts.contains("builtin"))
        let again = try Worker.body(source).run()
        let numbers = Self.numbers(in: texts)
        #expect(numbers.count >= 5)
        #expect(numbers.allSatisfy { $0.count == 8 })
        #expect(numbers.isDisjoint(with: Self.numbers(in: again.values.last?.text ?? "")))
    }

    @Test func randomNumbersNeverRepeat() throws {
        let worker = try Worker(
            """
            local first = math.random(0)
            return function() return math.random(0), math.random(0), first end
            """
        )
        var seen: Set<String> = []
        for _ in 0..<50 {
            let values = try worker.run().values
            seen.insert("\(values[0])")
            seen.insert("\(values[1])")
        }
        #expect(seen.count == 100)
        #expect(try worker.run().values[2] == worker.run().values[2])
    }

    /// The seed of string hashes differs between images, and so does the order of `pairs`.
    @Test func hashSeedsDiffer() throws {
        let source = """
            local t = {}
            for i = 1, 200 do t['key' .. i] = i end
            local order = {}
            for key in pairs(t) do order[#order + 1] = key end
            order = table.concat(order, ',')
            return function() return order end
            """
        var orders: Set<String> = []
        for _ in 0..<12 {
            orders.insert(try Worker(source).run().value?.text ?? "")
        }
        #expect(orders.count > 6)
    }

    @Test func timeStandsStillInAStep() throws {
        let source = """
            local first = os.time()
            for i = 1, 100000 do assert(os.time() == first) end
            return first, os.clock() >= 0
            """
        let run = try Worker.body(source).run()
        #expect(run.outcome == .done([.integer(Run.unixMilliseconds / 1000), .bool(true)]))
    }

    private static func numbers(in text: String) -> Set<String> {
        Set(text.split(separator: "0x").dropFirst().map { String($0.prefix { $0.isHexDigit }) })
    }
}
