import Testing

@testable import EdgeRuntime

@Suite struct ManifestLocatorTests {
    private static let script = """
        #!/usr/bin/env edgehost
        -- return { limits = 1 }
        --[==[ return {
          limits = 2 } ]] ]==]
        local text = [[
        return { limits = 3 }
        ]]
        local other = "return { \\"limits\\" \\
        end"
        local function helper(a)
          if a then
            for i = 1, 10 do while a do a = nil end end
          elseif not a then repeat a = 1 until a
          else return { limits = 4 } end
          return { limits = 5 }
        end
        do local t = { x = helper } end
        return {
          routes = {
            -- a comment, with a comma
            "GET /a", 'b',
            [[c]];
            { nested = 1,
              deeper = true },
          },
          ["kv"] = { "A" }, vars = { [1] = "x",
            [ "Y" ] = 0x1p+4, },
          fetch = function(request)
            local t = { crons = 1, limits = { cpu_ms = 2 } }
            return t, "limits"
          end,
          limits = { cpu_ms = f(1,
              { 2, 3 }), wall_ms = 1 == 2 and 3 or 4,
            memory_mb = 3, },
          mixed = { a = 1 }.a,
          queue = 1
        }
        """

    @Test(
        arguments: [
            ([], 18), ([.field("routes")], 19), ([.field("routes"), .index(1)], 21),
            ([.field("routes"), .index(2)], 21),
            ([.field("routes"), .index(3)], 22), ([.field("routes"), .index(4), .field("deeper")], 24),
            ([.field("kv")], 26),
            ([.field("vars"), .index(1)], 26), ([.field("vars"), .field("Y")], 27), ([.field("fetch")], 28),
            ([.field("limits")], 32), ([.field("limits"), .field("cpu_ms")], 32),
            ([.field("limits"), .field("wall_ms")], 33),
            ([.field("limits"), .field("memory_mb")], 34), ([.field("mixed"), .field("a")], 35),
            ([.field("queue")], 36),
            ([.field("crons")], 18), ([.field("routes"), .index(9)], 19),
        ] as [([ManifestLocator.Key], Int)]
    )
    func findsLines(_ path: [ManifestLocator.Key], line: Int) {
        #expect(ManifestLocator(Array(Self.script.utf8)).line(of: path) == line)
    }

    @Test(arguments: [
        "repeat local x = 1 until true", "while false do end", "for i = 1, 2 do end",
        "if a then b() elseif c then else end",
        "do end", "local f = function() end", "goto x ::x::", "f{ function() end, (1), t[2] }", "return_ = 1",
    ])
    func blocksEndWhereLuaEndsThem(_ statement: String) {
        let before = "\(statement)\nreturn { a = 1 }"
        #expect(ManifestLocator(Array(before.utf8)).line(of: [.field("a")]) == 2)
        let after = "return { b = function() \(statement) end,\n\n a = 1 }"
        #expect(ManifestLocator(Array(after.utf8)).line(of: [.field("a")]) == 3)
    }

    @Test func followsTheNameThatIsReturned() {
        let script = """
            local M = {
              kv = { "A" },
            }
            M.limits = {
              cpu_ms = 1 }
            function M.fetch() M.vars = {} end
            return M
            """
        let locator = ManifestLocator(Array(script.utf8))
        #expect(locator.line(of: [.field("kv"), .index(1)]) == 2)
        #expect(locator.line(of: [.field("limits"), .field("cpu_ms")]) == 5)
        #expect(locator.line(of: [.field("fetch")]) == 6)
        #expect(locator.line(of: [.field("vars")]) == 7)
    }

    @Test(arguments: [
        "", "local x = 1", "return", "return {", "return { a = ", "return { ) , end }", "return { = } }", "x = \"\\",
        "return { [", "--[[", "[==[", "return { a = function() ", "} } end return { a = 1", "return {,,;}", "0x",
    ])
    func brokenScriptsDoNoHarm(_ script: String) {
        _ = ManifestLocator(Array(script.utf8)).line(of: [.field("a"), .index(1)])
    }

    @Test func randomScriptsDoNoHarm() {
        let seed = UInt64.random(in: 0..<UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "return", "{", "}", "end", "function", "(", ")", "=", ",", "a", "\"s\"", "[", "]", "1", "if", "until", "\n",
        ]
        for _ in 0..<2_000 {
            let count = Int.random(in: 0..<40, using: &generator)
            let script = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined(separator: " ")
            let lines = script.split(separator: "\n", omittingEmptySubsequences: false).count
            let line = ManifestLocator(Array(script.utf8)).line(of: [.field("a")]) ?? 1
            #expect((1...lines).contains(line), "seed \(seed): \(script)")
        }
    }

    @Test func deepNestingIsBounded() {
        let script = "return " + String(repeating: "{ a = ", count: 5_000) + "1"
        #expect(ManifestLocator(Array(script.utf8)).line(of: [.field("a")]) == 1)
    }
}
