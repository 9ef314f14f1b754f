import EdgeIsolate
import Testing

@testable import EdgeRuntime

/// Configurations that are read without Lua mean what Lua makes of them.
@Suite struct ConstantTableTests {
    private static let plain = [
        "return {}", "return { }", "return {};", "return { threads = 2 }", "return{threads=2,}",
        "return { threads = 2; data = 'd', }",
        "-- Why.\nreturn { listen = \"127.0.0.1:80\" } -- end", "return { sandbox = true, other = false }",
        "return { tls = { cert = 'c', key = \"k\" }, limits = { cpu_ms = 007 } }",
        "return { sandbox = { read = { '/a', '/b'; '/c' } } }", "return { 'a', 1, true, {} }",
        "return { text = 'a\"b--' }",
        "return { text = '' }", "return { number = 999999999999999999 }",
        "\t\u{b}\u{c}\r\nreturn\n{\n}\n", "return { text = 'caf\u{e9} \u{7f}' }", "return { _ = { __ = {} } }",
    ]

    private static let others = [
        "", "return", "return nil", "return 1", "local t = {} return t", "return { 1 + 1 }", "return { a = -1 }",
        "return { a = 1.5 }", "return { a = 0x10 }", "return { a = 1e3 }", "return { a = 9999999999999999999 }",
        "return { a = 'b\\n' }", "return { a = 'b' .. 'c' }", "return { a = [[b]] }", "return { ['a'] = 1 }",
        "return { a = nil }", "return { a = b }", "return { a = 1, a = 2 }", "return { a = 1, 2 }",
        "return { a = 1 b = 2 }",
        "return { a = 1, , }", "return { a = 'b }", "return { a = 'b\n' }", "return { a = \"b' }", "return { a == 1 }",
        "return { a = 1", "return { a = 1 } }", "return { a = 1 } return", "return { a = 1 }, 2", "return ({ a = 1 })",
        "return { a = function() end }", "return { a = 1 } --[[ endless", "return { --[[ ]] a = 1 }",
        "#!lua\nreturn {}",
        "\u{feff}return {}", "return { a = 2x }", "\u{1b}Lua", "return { a = (1) }", "return { a = 1 }\0",
        "return { 1 = 2 }",
        "return " + String(repeating: "{", count: 100) + String(repeating: "}", count: 100),
    ]

    @Test(arguments: Self.plain)
    func plainTablesMeanTheSame(_ text: String) throws {
        let source = Array(text.utf8)
        let value = try #require(ConstantTable.value(of: source), "it is read at once")
        let evaluated = try HostConfiguration.evaluate(source, "edgehost.lua", .system)
        #expect(Self.sorted(value) == Self.sorted(evaluated))
    }

    @Test(arguments: Self.others)
    func theOthersAreForLua(_ text: String) {
        #expect(ConstantTable.value(of: Array(text.utf8)) == nil)
    }

    /// Lua tells what is wrong, in its words and with its lines.
    @Test(arguments: [
        ("return { end = 1 }", "edgehost.lua:1: "), ("return { tls = { end = 1 } }", "edgehost.lua:1: "),
        ("return { threads = 0 }", "threads is a whole number from 1 to 1024"),
        ("return { 'threads' }", "must return a table"),
        ("return { thread = 1 }", "there is no field 'thread'"),
    ])
    func mistakesAreToldAsEver(_ text: String, _ message: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try HostConfiguration(source: Array(text.utf8), file: "edgehost.lua")
        }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "-")")
    }

    /// Lua's tables have no order.
    private static func sorted(_ value: Value) -> Value {
        switch value {
        case .table(let entries):
            .table(
                entries.map { Value.Entry(key: $0.key, value: Self.sorted($0.value)) }
                    .sorted { ($0.key.text ?? "") < ($1.key.text ?? "") }
            )
        case .array(let members): .array(members.map(Self.sorted))
        default: value
        }
    }
}
