import EdgeIsolate
import Testing

@Suite struct HostCallTests {
    @Test(arguments: [0, 1, 2, 10, 200])
    func reachesTheHostFromNestedCoroutines(depth: Int) throws {
        let source = """
            local depth = ...
            local function nest(n, ...)
              if n == 0 then
                local a, b = echo('one', { 1, 2 })
                coroutine.yield(a)
                return select('#', echo(nil, b, nil)), b[2]
              end
              local c = coroutine.create(nest)
              local ok, first = coroutine.resume(c, n - 1, ...)
              coroutine.yield(first)
              return select(2, assert(coroutine.resume(c)))
            end
            local c = coroutine.create(nest)
            local ok, first = coroutine.resume(c, depth)
            return first, select(2, coroutine.resume(c))
            """
        let run = try Worker.body(source).run(.integer(Int64(depth)))
        #expect(run.value == "one")
        #expect(run.values.dropFirst().first == 3)
        #expect(run.calls == [["one", .array([1, 2])], [.nil, .array([1, 2]), .nil]])
        #expect(run.usage.hostCalls == 2)
    }

    @Test(
        arguments: [
            ("return echo()", [Value]()),
            ("return (echo(1))", [1]),
            ("return echo(1, nil, 3)", [1, .nil, 3]),
            ("return pcall(echo, 5)", [.bool(true), 5]),
            ("return pcall(fail, 'no')", [.bool(false), "worker:1: no"]),
            ("return select(2, pcall(function() fail('no') end))", ["worker:1: no"]),
            ("return select(2, xpcall(fail, function(e) return e .. '!' end, 'no'))", ["worker:1: no!"]),
            ("return select(2, pcall(pcall, fail, 'deep'))", [.bool(false), "worker:1: deep"]),
            ("local t = setmetatable({}, { __index = echo }) return t.x and 1", [1]),
            ("for a in echo, 1, 2 do return a end", [1]),
            ("return coroutine.wrap(echo)(7)", [7]),
            ("return select(2, coroutine.resume(coroutine.create(fail), 'x'))", ["x"]),
            (
                "local w = coroutine.wrap(function() return pcall(fail, 'in') end) return w()",
                [.bool(false), "worker:1: in"]
            ),
            ("do local x <close> = setmetatable({}, { __close = function() echo('c') end }) end return 1", [1]),
        ] as [(String, [Value])]
    )
    func repliesComeBack(body: String, expected: [Value]) throws {
        let run = try Worker("return function() \(body) end", name: "=worker").run()
        #expect(run.outcome == .done(expected))
    }

    @Test(arguments: [
        "table.sort({ 2, 1 }, function() echo() end)",
        "string.gsub('a', '.', function() echo() end)",
        "assert(load(function() echo() end))",
        "table.sort(setmetatable({}, { __len = function() return echo(2) end }))",
        "tostring(setmetatable({}, { __tostring = function() return echo('x') end }))",
        "table.concat(setmetatable({}, { __len = function() return 2 end, __index = function() return echo('x') end }))",
        "table.sort({ 2, 1 }, function() coroutine.wrap(echo)() end)",
        "table.sort({ 2, 1 }, function() coroutine.wrap(function() coroutine.wrap(echo)() end)() end)",
        "coroutine.wrap(function() table.sort({ 2, 1 }, function() echo() end) end)()",
        "print(setmetatable({}, { __tostring = function() return echo('x') end }))",
    ])
    func isRefusedUnderAFunctionThatCanNotBeSuspended(body: String) throws {
        let run = try Worker("return function() \(body) end", name: "=worker").run()
        guard case .failed(let message) = run.outcome else {
            Issue.record("\(run.outcome)")
            return
        }
        #expect(message.contains("echo can't be called here: a function that can't be suspended is its caller"))
        #expect(message.contains("worker:1:"))
        #expect(run.calls.isEmpty)
    }

    @Test func isRefusedAtTheTopLevel() throws {
        #expect {
            _ = try Worker("echo() return function() end", name: "=worker")
        } throws: { error in
            guard case .script(let failure)? = error as? BuildError else { return false }
            return failure.message.contains("echo can't be called at the top level of a script")
        }
    }

    @Test func isAllowedAtTheTopLevelWhereItsBindingSaysSo() throws {
        let worker = try Worker("local value = early('kept') return function() return value end")
        #expect(try worker.run().outcome == .done(["kept"]))
    }

    @Test(arguments: [
        ("function() end", "a function can't be passed"),
        ("coroutine.create(print)", "a coroutine can't be passed"),
        ("{ [{}] = 1 }", "a table has a key that is no string, number or boolean"),
        ("{ { print } }", "a function can't be passed"),
        ("('x'):rep(17 << 20)", "the value is too large to pass"),
    ])
    func saysWhatCanNotBePassed(argument: String, problem: String) throws {
        let worker = try Worker("return function() echo(1, \(argument)) end", name: "=worker")
        let run = try worker.run(budget: .memory(256 << 20))
        #expect(run.outcome == .failed("worker:1: echo: argument 2: \(problem)"))
    }

    @Test func saysWhatCanNotBeReturned() throws {
        let run = try Worker.body("return 1, print").run()
        #expect(run.outcome == .failed("the result can't be used: a function can't be passed"))
    }

    @Test func theLimitIsExactAndCanNotBeCaught() throws {
        let source = """
            local n = 0
            local wanted = ...
            for i = 1, wanted do
              local ok = pcall(coroutine.wrap(function() pcall(echo, i) n = n + 1 end))
            end
            return n
            """
        let worker = try Worker.body(source)
        var budget = Budget.request
        budget.hostCalls = 10
        #expect(try worker.run(10, budget: budget).outcome == .done([10]))
        let run = try worker.run(11, budget: budget)
        #expect(run.outcome == .killed(.hostCalls))
        #expect(run.calls.count == 10)
    }

    @Test func aMissingOrBrokenReplyIsAnErrorInTheGuest() throws {
        let worker = try Worker.body("return pcall(echo)")
        for reply: [UInt8] in [
            [], [0], [0, 6, 9, 0, 0, 0], [0, 99], [1, 6, 1, 0, 0, 0, 99], [0, 6, 255, 255, 255, 255],
        ] {
            try worker.withIsolate { isolate in
                isolate.restore(budget: .request)
                var writer = MessageWriter()
                writer.beginArray(count: 0)
                let first = writer.bytes.withUnsafeBytes {
                    isolate.step(message: $0, unixMilliseconds: 0, sliceNanoseconds: 0)
                }
                guard case .call = first else {
                    Issue.record("no call")
                    return
                }
                let second = reply.withUnsafeBytes {
                    isolate.step(message: $0, unixMilliseconds: 0, sliceNanoseconds: 0)
                }
                guard case .done(var reader) = second, case .array(let values) = try reader.readValue() else {
                    Issue.record("\(reply) ended it")
                    return
                }
                #expect(values.first == .bool(false))
            }
        }
    }
}
