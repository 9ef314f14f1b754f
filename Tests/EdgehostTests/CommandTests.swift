import Glibc
import Testing

/// The commands that run to their end.
@Suite struct CommandTests {
    private static let commands = [
        [], ["serve"], ["dev"], ["invoke"], ["check"], ["kv"], ["kv", "get"], ["kv", "put"], ["kv", "delete"],
        ["kv", "list"], ["kv", "check"], ["bench"], ["bench", "startup"], ["bench", "http"], ["bench", "compare"],
        ["sandbox"],
    ]

    @Test(arguments: Self.commands)
    func everyCommandHasHelp(_ command: [String]) throws {
        let help = try Command(command + ["--help"], in: Workspace())
        #expect(help.isSuccess)
        #expect(help.output.hasPrefix("OVERVIEW: "))
        #expect(help.output.contains("USAGE: edgehost" + command.map { " " + $0 }.joined()))
        #expect(help.error == "")
    }

    @Test(arguments: [
        ["frobnicate"], ["kv", "frobnicate"], ["serve", "--frobnicate"], ["invoke"], ["kv", "put", "key"],
        ["kv", "--data", "d", "check"],
    ])
    func wrongArgumentsAreRefusedWithTheUsage(_ arguments: [String]) throws {
        let command = try Command(arguments, in: Workspace())
        #expect(command.end == .exit(64))
        #expect(command.output == "")
        #expect(command.error.hasPrefix("Error: "))
        #expect(command.error.contains("Usage: edgehost"))
    }

    @Test func checkTellsOfEveryWorker() throws {
        let workspace = try Workspace(["hello.lua": "return function() end", "shop/init.lua": "return function() end"])
        let good = try Command(["check"], in: workspace)
        #expect(good.isSuccess)
        #expect(good.error == "")
        #expect(good.output.split(separator: "\n").map { $0.prefix { $0 != " " } } == ["hello", "shop", "2"])
        try workspace.write("bad.lua", "\nreturn 7")
        try workspace.write("worse.lua", "x = = 1")
        try workspace.write("thief.lua", "return { routes = { '/hello' }, fetch = function() end }")
        let bad = try Command(["check"], in: workspace)
        #expect(bad.end == .exit(1))
        for part in ["workers/bad.lua", "workers/worse.lua:1: ", "workers/hello.lua", "workers/thief.lua"] {
            #expect(bad.error.contains(part), "\(bad.error)")
        }
        #expect(access("\(workspace.path)/.edgehost", F_OK) != 0, "it opens no store")
    }

    @Test func checkFollowsTheOptions() throws {
        let workspace = try Workspace()
        try workspace.writeBeside("lua/hello.lua", "return { limits = { cpu_ms = 900 }, fetch = function() end }")
        #expect(try Command(["check", "--workers", "lua"], in: workspace).isSuccess)
        try workspace.writeBeside("strict.lua", "return { workers = 'lua', limits = { cpu_ms = 100 } }")
        let strict = try Command(["check", "--config", "strict.lua"], in: workspace)
        #expect(strict.end == .exit(1))
        #expect(strict.error.contains("lua/hello.lua:1: "), "\(strict.error)")
        #expect(strict.error.contains("cpu_ms"))
    }

    @Test func startupBenchmarkPrintsItsShape() throws {
        let workspace = try Workspace(["tiny.lua": "return function() return 'tiny' end"])
        let bench = try Command(["bench", "startup", "--worker", "tiny", "--seconds", "0.2", "--json"], in: workspace)
        #expect(bench.isSuccess, "\(bench.error)")
        var rest = bench.output[...]
        for name in ["worker", "image_bytes", "fresh_us", "restore_us", "relocate_us", "ready_us", "request_us"] {
            let range = try #require(rest.range(of: "\"\(name)\""), "\(name) in \(bench.output)")
            rest = rest[range.upperBound...]
            guard name.hasSuffix("_us") else { continue }
            for statistic in ["p50", "p99", "p999", "min", "max", "n"] {
                #expect(rest.prefix { $0 != "}" }.contains("\"\(statistic)\""), "\(statistic) of \(name)")
            }
        }
    }

    @Test func startupBenchmarkSendsRequestsUntimed() throws {
        let workspace = try Workspace([
            "tiny.lua": "return function() return 'tiny' end", "broken.lua": "return function() error('no') end",
        ])
        let sent = try Command(["bench", "startup", "--worker", "tiny", "--requests", "25"], in: workspace)
        #expect(sent.isSuccess, "\(sent.error)")
        #expect(sent.output == "25 times GET /tiny, answered with 200\n")
        let cases = [
            (["--worker", "broken", "--requests", "2"], "must answer a plain GET request"),
            (["--requests", "0"], "--requests is from 1"), (["--seconds", "0"], "--seconds takes 0.1"),
        ]
        for (arguments, part) in cases {
            let bench = try Command(["bench", "startup"] + arguments, in: workspace)
            #expect(bench.end == .exit(1) && bench.error.contains(part), "\(arguments): \(bench.error)")
        }
    }
}
