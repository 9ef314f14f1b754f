import EdgeIsolate
import Testing

@Suite struct CodecTests {
    /// The guest gets a value as an argument, passes it to the host, and returns what the host replied.
    @Test func randomTreesComeBackAsTheyWere() throws {
        let worker = try Worker.body("return echo(...)")
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        try worker.withIsolate { isolate in
            for round in 0..<2000 {
                let values = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                    Self.tree(depth: Int.random(in: 0...6, using: &generator), using: &generator)
                }
                let run = Run(isolate, arguments: values, budget: .request)
                let results = run.values.map(Self.ordered)
                #expect(results == values.map(Self.ordered), "seed \(seed), round \(round)")
            }
        }
    }

    @Test(
        arguments: [
            .nil, .bool(true), .bool(false), 0, -1, .integer(.max), .integer(.min), .number(0.5), .number(-0.0),
            .number(.infinity), .number(-.infinity), .number(1e308), .number(.leastNonzeroMagnitude), "", "text",
            .string([0, 255, 10]),
            .array([]), .array([.array([])]), .table([.init(key: "k", value: .array([]))]),
            .table([.init(key: .bool(true), value: 1)]), .table([.init(key: 2, value: 1)]),
            .table([.init(key: .number(0.5), value: 1)]), .string([UInt8](repeating: 7, count: 1 << 20)),
        ] as [Value]
    )
    func edgesComeBackAsTheyWere(value: Value) throws {
        let run = try Worker.body("return echo(...)").run(value)
        #expect(run.outcome == .done([value]))
    }

    @Test func notANumberComesBack() throws {
        guard case .number(let number)? = try Worker.body("return echo(0/0)").run().value else {
            Issue.record("no number")
            return
        }
        #expect(number.isNaN)
    }

    @Test(
        arguments: [
            ("{ 1, 2, 3 }", .array([1, 2, 3])), ("{}", .array([])), ("{ [1] = 1, [2] = 2 }", nil),
            ("{ 1, nil, 3 }", nil), ("{ x = 1 }", .table([.init(key: "x", value: 1)])),
            ("{ [0] = 1 }", .table([.init(key: 0, value: 1)])),
            ("{ [1.5] = 1 }", .table([.init(key: .number(1.5), value: 1)])),
            ("{ [2.0] = 1 }", .table([.init(key: 2, value: 1)])), ("json.null", .nil),
            ("setmetatable({}, { __index = function() error('ran') end, __pairs = error, __len = error })", .array([])),
        ] as [(String, Value?)]
    )
    func tablesBecomeArraysOrTables(literal: String, expected: Value?) throws {
        let run = try Worker.body("return \(literal)").run()
        if let expected {
            #expect(run.outcome == .done([expected]))
        } else {
            #expect(run.value?.typeName == "table")
        }
    }

    @Test(arguments: [("{ t }", 64), ("{ x = t }", 64), ("{ t, x = 1 }", 64)])
    func theDepthLimitIsExact(wrapping: String, limit: Int64) throws {
        let source = """
            local depth, call = ...
            local t = 'leaf'
            for i = 1, depth do t = \(wrapping) end
            if call then return echo(t) end
            return t
            """
        let worker = try Worker.body(source)
        for call in [false, true] {
            let right = try worker.run(.integer(limit), .bool(call))
            #expect(right.value.map(Self.depth) == Int(limit))
            guard case .failed(let message) = try worker.run(.integer(limit + 1), .bool(call)).outcome else {
                Issue.record("depth \(limit + 1) was passed")
                return
            }
            #expect(message.contains("tables are nested deeper than 64 levels"))
        }
    }

    /// A table that begins as an array and isn't one is not written twice at each of its levels.
    @Test func mixedTablesAreWrittenOnce() throws {
        let source = """
            local t = 'leaf'
            for i = 1, 60 do t = { t, x = i } end
            return t
            """
        let run = try Worker.body(source).run(budget: .cpu(milliseconds: 500))
        #expect(run.value.map(Self.depth) == 60)
    }

    @Test func cyclesAreRefused() throws {
        let worker = try Worker("return function() local t = {} t.t = t echo(t) end", name: "=worker")
        let problem = "tables are nested deeper than 64 levels (is there a cycle?)"
        #expect(try worker.run().outcome == .failed("worker:1: echo: argument 1: \(problem)"))
    }

    @Test func theMessageLimitHolds() throws {
        let worker = try Worker.body("return echo(('x'):rep(...)) and 'passed'")
        var budget = Budget.request
        budget.messageBytes = 1000
        #expect(try worker.run(900, budget: budget).outcome == .done(["passed"]))
        guard case .failed(let message) = try worker.run(1001, budget: budget).outcome else {
            Issue.record("it was passed")
            return
        }
        #expect(message.contains("the value is too large to pass"))
    }

    private static func tree(depth: Int, using generator: inout SeededGenerator) -> Value {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &generator) {
        case 0: return .bool(Bool.random(using: &generator))
        case 1: return .integer(Int64.random(in: .min ... .max, using: &generator))
        case 2: return .number(Double.random(in: -1e6...1e6, using: &generator))
        case 3: return .integer(Int64.random(in: -3...3, using: &generator))
        case 4, 5:
            let count = Int.random(in: 0...100, using: &generator)
            return .string((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        case 6, 7:
            let count = Int.random(in: 0...5, using: &generator)
            return .array((0..<count).map { _ in self.tree(depth: depth - 1, using: &generator) })
        default:
            // An even key beyond every array keeps it a table, and no key comes twice.
            return .table(
                (1...Int.random(in: 1...5, using: &generator)).map { index in
                    let key: Value = index % 2 == 0 ? .integer(Int64(index) * 1000) : .text("key\(index)")
                    return .init(key: key, value: self.tree(depth: depth - 1, using: &generator))
                }
            )
        }
    }

    /// The same value with the entries of its tables in one order, whatever Lua's was.
    private static func ordered(_ value: Value) -> Value {
        switch value {
        case .array(let members): return .array(members.map(Self.ordered))
        case .table(let entries):
            let entries = entries.map { Value.Entry(key: $0.key, value: Self.ordered($0.value)) }
            return .table(entries.sorted { "\($0.key)" < "\($1.key)" })
        default: return value
        }
    }

    private static func depth(_ value: Value) -> Int {
        switch value {
        case .array(let members): return 1 + (members.map(Self.depth).max() ?? 0)
        case .table(let entries): return 1 + (entries.map { Self.depth($0.value) }.max() ?? 0)
        default: return 0
        }
    }
}
