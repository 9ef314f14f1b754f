import EdgeIsolate
import Testing

@testable import EdgeRuntime

private let function = Value.opaque("function")

private func table(_ fields: KeyValuePairs<String, Value>) -> Value {
    .table(fields.map { Value.Entry(key: .text($0.key), value: $0.value) })
}

private func list(_ items: String...) -> Value {
    .array(items.map { .text($0) })
}

private func parse(_ value: Value, _ source: String = "", ceilings: LimitCeilings = LimitCeilings()) throws -> Manifest
{
    try Manifest.parse(value, worker: "cart", file: "workers/cart.lua", source: Array(source.utf8), ceilings: ceilings)
}

@Suite struct ManifestTests {
    @Test func aFunctionIsTheShortestForm() throws {
        let manifest = try parse(function)
        #expect(manifest.isFunction && manifest.handlers == .fetch)
        #expect(manifest.limits == WorkerLimits())
        #expect(manifest.effectiveRoutes(worker: "cart").map(\.description) == ["/cart", "/cart/*"])
        #expect(manifest.effectiveRoutes(worker: "index").map(\.description) == ["/"])
    }

    @Test func readsEveryField() throws {
        let manifest = try parse(
            table([
                "routes": list("GET /cart/:user", "api.example.com/cart/*"), "kv": list("CARTS", "KV"),
                "vars": table([
                    "CURRENCY": .text("EUR"), "NESTED": .table([.init(key: .integer(3), value: .bool(true))]),
                ]),
                "secrets": list("PAYMENT_KEY"), "egress": list("*.payments.example:443"), "crons": list("*/5 * * * *"),
                "limits": table([
                    "cpu_ms": .integer(50), "wall_ms": .number(5_000), "memory_mb": .integer(32),
                    "host_calls": .integer(7),
                    "request_mb": .integer(1), "response_mb": .integer(2), "log_kb": .integer(3),
                ]),
                "fetch": function, "scheduled": function, "queue": function,
            ])
        )
        #expect(manifest.handlers == [.fetch, .scheduled, .queue])
        #expect(
            manifest.effectiveRoutes(worker: "cart").map(\.description) == [
                "GET /cart/:user", "api.example.com/cart/*",
            ]
        )
        #expect(manifest.kv == ["CARTS"])
        #expect(manifest.vars.map(\.name) == ["CURRENCY", "NESTED"])
        #expect(manifest.secrets == ["PAYMENT_KEY"])
        #expect(manifest.egress.map(\.description) == ["*.payments.example:443"])
        #expect(manifest.crons.map(\.description) == ["*/5 * * * *"])
        var limits = WorkerLimits()
        limits.cpuMicroseconds = 50_000
        limits.wallMilliseconds = 5_000
        limits.memoryBytes = 32 << 20
        limits.hostCalls = 7
        limits.requestBodyBytes = 1 << 20
        limits.responseBytes = 2 << 20
        limits.logBytes = 3 << 10
        #expect(manifest.limits == limits)
    }

    @Test func aWorkerWithoutFetchHasNoRoutes() throws {
        #expect(try parse(table(["queue": function])).effectiveRoutes(worker: "cart").isEmpty)
    }

    @Test func ceilingsHoldForDefaultsAndForWishes() throws {
        var maximum = WorkerLimits()
        maximum.memoryBytes = 16 << 20
        let ceilings = LimitCeilings(maximum: maximum)
        #expect(try parse(function, ceilings: ceilings).limits.memoryBytes == 16 << 20)
        let wish = table(["fetch": function, "limits": table(["memory_mb": .integer(17)])])
        let error = #expect(throws: ManifestError.self) { try parse(wish, ceilings: ceilings) }
        #expect(
            error?.description == "workers/cart.lua: limits.memory_mb must be a whole number from 1 to 16, got 17"
        )
    }

    struct Case: Sendable {
        let value: Value
        let problems: [String]
    }

    private static func limits(_ name: String, _ value: Value) -> Value {
        table(["fetch": function, "limits": table(["\(name)": value])])
    }

    @Test(arguments: [
        Case(
            value: .nil,
            problems: ["must return a function or a table with fetch, scheduled or queue, but returns nothing"]
        ),
        Case(value: .integer(3), problems: ["but returns a number"]),
        Case(value: .array([]), problems: ["the table has no handler"]),
        Case(
            value: .array([function]),
            problems: ["the manifest must have named fields only, found [1]", "no handler"]
        ),
        Case(value: table(["fetch": .text("x")]), problems: ["fetch must be a function, got \"x\""]),
        Case(
            value: table(["fecth": function]),
            problems: ["unknown field \"fecth\": did you mean \"fetch\"?", "no handler"]
        ),
        Case(value: table(["fetch": function, "Route": list("/")]), problems: ["did you mean \"routes\"?"]),
        Case(
            value: table(["fetch": function, "zzz": .nil]),
            problems: ["unknown field \"zzz\": known are routes, kv,"]
        ),
        Case(value: table(["queue": function, "routes": list("/")]), problems: ["routes needs a function fetch"]),
        Case(
            value: table(["fetch": function, "routes": .text("/")]),
            problems: ["routes must be a list of routes such as"]
        ),
        Case(
            value: table(["fetch": function, "routes": .array([.text("/ok"), .integer(2), .text("nope")])]),
            problems: ["routes[3] \"nope\" must have a path", "routes[2] must be a string, got number"]
        ),
        Case(value: table(["fetch": function, "kv": list("9")]), problems: ["kv[1] \"9\" must be a name"]),
        Case(value: table(["fetch": function, "kv": list("A", "A")]), problems: ["the name A is twice in kv"]),
        Case(
            value: table([
                "fetch": function, "kv": list("A"), "vars": table(["A": .bool(true)]), "secrets": list("A", "KV"),
            ]),
            problems: ["the name A is in kv and in vars", "in kv and in secrets", "secrets: the name KV is taken"]
        ),
        Case(
            value: table(["fetch": function, "vars": table(["F": function])]),
            problems: ["vars.F must be a string, number"]
        ),
        Case(
            value: table(["fetch": function, "vars": table(["a-b": .bool(true)])]),
            problems: ["vars: \"a-b\" must be a name"]
        ),
        Case(
            value: table(["fetch": function, "vars": list("x")]),
            problems: ["vars must have named fields only, found [1]"]
        ),
        Case(
            value: table(["fetch": function, "secrets": list("hunter2 !")]),
            problems: ["secrets[1] must be a name such as"]
        ),
        Case(
            value: table(["fetch": function, "secrets": table(["KEY": .text("hunter2")])]),
            problems: ["secrets must be a list of names such as \"PAYMENT_KEY\" (never the secrets themselves)"]
        ),
        Case(
            value: table(["fetch": function, "egress": list("a.example")]),
            problems: ["egress[1] \"a.example\" must name a port"]
        ),
        Case(
            value: table(["fetch": function, "crons": list("* * * *")]),
            problems: ["crons[1] \"* * * *\" must have five fields"]
        ),
        Case(value: table(["fetch": function, "limits": .integer(3)]), problems: ["limits must be a table, got 3"]),
        Case(
            value: limits("cpu_ms", .text("fast")),
            problems: ["limits.cpu_ms must be a whole number from 1 to 30000, got \"fast\""]
        ),
        Case(value: limits("cpu_ms", .number(1.5)), problems: ["from 1 to 30000, got 1.5"]),
        Case(value: limits("cpu_ms", .number(.infinity)), problems: ["from 1 to 30000, got inf"]),
        Case(value: limits("cpu_ms", .integer(0)), problems: ["from 1 to 30000, got 0"]),
        Case(value: limits("cpu_ms", .integer(.max)), problems: ["from 1 to 30000, got 9223372036854775807"]),
        Case(
            value: limits("memory", .integer(1)),
            problems: ["unknown field \"memory\" of limits: did you mean \"memory_mb\"?"]
        ),
    ])
    func problemsAreAllNamed(_ test: Case) {
        let error = #expect(throws: ManifestError.self) { try parse(test.value) }
        let messages = error?.diagnostics.map(\.message) ?? []
        #expect(messages.count == test.problems.count, "\(messages)")
        for problem in test.problems {
            #expect(messages.contains { $0.contains(problem) }, "\(problem) in \(messages)")
        }
        #expect(!messages.joined().contains("hunter2"))
        #expect(error?.diagnostics.allSatisfy { $0.worker == "cart" && $0.severity == .error } == true)
    }

    @Test func problemsHaveLines() {
        let source = """
            local json = require "json"
            return {
              routes = {
                "GET /cart/:user",
                "oops",
              },
              limits = { cpu_ms = "fast",
                memory = 3 },
              vars = { ["a-b"] = 1 },
              fetch = function(request) return { limits = 3 } end,
            }
            """
        let value = table([
            "routes": list("GET /cart/:user", "oops"),
            "limits": table(["cpu_ms": .text("fast"), "memory": .integer(3)]),
            "vars": table(["a-b": .integer(1)]), "fetch": function,
        ])
        let error = #expect(throws: ManifestError.self) { try parse(value, source) }
        #expect(
            error?.description.split(separator: "\n").map { $0.prefix(32) } == [
                "workers/cart.lua:5: routes[2] \"o", "workers/cart.lua:9: vars: \"a-b\" ",
                "workers/cart.lua:8: unknown fiel", "workers/cart.lua:7: limits.cpu_m",
            ]
        )
    }

    @Test func manyProblemsAreBounded() {
        let entries = (0..<1_000).map { Value.Entry(key: .text("field_\($0)_x"), value: .bool(true)) }
        let error = #expect(throws: ManifestError.self) { try parse(.table(entries)) }
        #expect(error?.diagnostics.count == 50)
    }
}
