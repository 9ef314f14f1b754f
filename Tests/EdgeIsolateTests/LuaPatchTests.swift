import CIsolate
import EdgeIsolate
import Testing

/// Each file of `Tests/Fixtures/lua-patches` shows a fault of the system's Lua that a patch in `.lua/patches` corrects.
@Suite struct LuaPatchTests {
    static let fixtures = LuaFixtureFolder("lua-patches")

    @Test func thereIsAFixtureForEachFault() {
        #expect(Self.fixtures.names.count >= 11)
    }

    @Test func theLuaHasAName() {
        let name = String(cString: edge_lua_name())
        #expect(name.hasPrefix("Lua 5.4"))
        #expect(name.contains("edgehost patches ") == edge_lua_is_patched())
    }

    /// With the patches the script ends well. Without them it ends somehow, and the isolate serves the next request.
    @Test(arguments: fixtures.names)
    func holds(name: String) throws {
        let source = try #require(Self.fixtures.contents(name))
        let script = "return function(arm)\nif not arm then return 'x' end\n\(source)\nend"
        let worker = try Worker(script, name: "@\(name)")
        let budget = Self.budget(source)
        for slice in [UInt64(0), 1_000_000] {
            let (run, next) = try worker.withIsolate { isolate in
                let run = Run(isolate, arguments: [1], budget: budget, sliceNanoseconds: slice)
                return (run, Run(isolate, arguments: [], budget: .request))
            }
            if edge_lua_is_patched() {
                #expect(run.outcome == .done([]), "\(name)\n\(run.traceback)")
            }
            #expect(run.outcome != .unreadable)
            #expect(next.outcome == .done(["x"]), "after \(name)")
        }
    }

    /// The limits of a fixture: its header may name the memory that must do.
    private static func budget(_ source: String) -> Budget {
        var budget = Budget.cpu(milliseconds: 2000)
        let field = "-- memory_mb: "
        for line in source.split(separator: "\n") where line.hasPrefix(field) {
            if let megabytes = Int(line.dropFirst(field.count)) {
                budget.memoryBytes = megabytes << 20
            }
        }
        return budget
    }
}
