import EdgeIsolate
import Glibc
import Testing

/// The kill matrix: each attack ends as out of CPU time, and the honest requests around it are right.
@Suite struct KillTests {
    static let attacks: [String] = [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "while true do pcall(error) end",
        "coroutine.wrap(function() while true do end end)()",
        "while true do coroutine.wrap(function() coroutine.yield() end)() end",
        "while true do pcall(coroutine.wrap(function() while true do end end)) end",
        "local x <close> = setmetatable({}, { __close = function() while true do end end })",
        "coroutine.close(setmetatable({}, nil) and (function() "
            + "local c = coroutine.create(function() "
            + "local x <close> = setmetatable({}, { __close = function() while true do end end }) "
            + "coroutine.yield() end) coroutine.resume(c) return c end)())",
        "xpcall(error, function() while true do end end)",
        "string.find(('a'):rep(30), ('.-'):rep(20) .. 'b')",
        "string.find(('a'):rep(40000), ('a*'):rep(20) .. 'b')",
        "string.gsub(('a'):rep(30), ('(.-)'):rep(20) .. 'b', '')",
        "while true do ('x'):rep(1000000) end",
        "while true do string.rep('', 1000000000) end",
        "table.sort({ 1, 2, 3, 4, 5 }, function() while true do end end)",
        "while true do pcall(table.sort, { 1, 2, 3, 4, 5, 6, 7 }, function() return true end) end",
        "table.move(setmetatable({}, { __index = function() return 1 end, __newindex = function() end }), 1, 1 << 60, 2)",
        "table.move({}, 1, 1 << 40, 2)",
        "table.insert(setmetatable({}, { __len = function() return 1 << 40 end }), 1, 1)",
        "table.remove(setmetatable({}, { __len = function() return 1 << 40 end }), 1)",
        "table.concat(setmetatable({}, { __len = function() return 1 << 50 end, __index = function() return '' end }))",
        "table.unpack(setmetatable({}, { __index = function() while true do end end }), 1, 2)",
        "string.gsub('aaaa', 'a', function() while true do end end)",
        "table.sort({ 3, 2, 1 }, coroutine.wrap(function() while true do coroutine.yield(true) end end)) while true do end",
        "table.sort({ 3, 2, 1 }, function() coroutine.wrap(function() while true do end end)() end)",
        "load(function() while true do end end)",
        "load(function() return ' ' end)",
        "setmetatable({}, { __gc = function() end }) while true do local t = {} end",
        "for k in next, setmetatable({}, {}) do end goto top ::top:: repeat until false",
        "local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end }) while true do pcall(function() return t[1] end) end",
        "while true do json.encode({ 1, 2, 3, { x = 'y' } }) end",
        "while true do tostring(setmetatable({}, { __tostring = function() return 'x' end })) end",
        "while true do log.info('x', { a = 1 }) end",
        "while true do load('return 1')() end",
    ]

    @Test(arguments: attacks)
    func endsAsOutOfCPU(attack: String) throws {
        let worker = try Worker(
            """
            local count = 0
            return function(name)
              count = count + 1
              if name then return ('%s:%d'):format(name, count) end
              \(attack)
            end
            """
        )
        let rounds = 4
        let outcomes = onThreads(2) { _ in
            (try? worker.withIsolate { isolate in
                (0..<rounds).flatMap { round in
                    let slice: UInt64 = round % 2 == 0 ? 0 : 1_000_000
                    let attack = Run(
                        isolate,
                        arguments: [],
                        budget: .cpu(milliseconds: 5),
                        sliceNanoseconds: slice
                    )
                    let honest = Run(isolate, arguments: [.text("r\(round)")], budget: .request)
                    return [attack.outcome, honest.outcome]
                }
            }) ?? []
        }
        let expected = (0..<rounds).flatMap { [Run.Outcome.killed(.cpu), .done([.text("r\($0):1")])] }
        #expect(outcomes == [expected, expected])
    }

    @Test func aFinalizerIsNeverRun() throws {
        let source = """
            local ran = 0
            local mt = { __gc = function() ran = ran + 1 while true do end end }
            for i = 1, 200000 do setmetatable({}, mt) end
            return ran, mt.__gc ~= nil
            """
        let run = try Worker.body(source).run(budget: .memory(4 << 20))
        #expect(run.outcome == .done([0, .bool(true)]))
    }

    @Test func theWallDeadlineEndsALoop() throws {
        let worker = try Worker.body("while true do pcall(function() while true do end end) end")
        for slice in [UInt64(0), 1_000_000] {
            var budget = Budget.request
            budget.wallDeadlineNanoseconds = Self.monotonicNanoseconds() + 10_000_000
            #expect(try worker.run(budget: budget, sliceNanoseconds: slice).outcome == .killed(.wallTime))
        }
    }

    @Test func aDeadlineInThePastEndsTheFirstStep() throws {
        let worker = try Worker.body("return 1")
        var budget = Budget.request
        budget.wallDeadlineNanoseconds = 1
        #expect(try worker.run(budget: budget).outcome == .killed(.wallTime))
        budget.wallDeadlineNanoseconds = nil
        #expect(try worker.run(budget: budget).outcome == .done([1]))
    }

    @Test func noCPUTimeEndsTheFirstStep() throws {
        #expect(try Worker.body("return 1").run(budget: .cpu(milliseconds: 0)).outcome == .killed(.cpu))
    }

    /// A kill is the end until the isolate is restored; a build that is killed says why.
    @Test func aBuildThatLoopsIsKilled() throws {
        var budget = Budget.startup
        budget.cpuMicroseconds = 5000
        #expect(throws: BuildError.killed(.cpu)) {
            try Worker("while true do pcall(function() while true do end end) end", budget: budget)
        }
        #expect(throws: BuildError.killed(.memory)) {
            try Worker("local t = {} for i = 1, 1e9 do t[i] = {} end")
        }
    }

    private static func monotonicNanoseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
