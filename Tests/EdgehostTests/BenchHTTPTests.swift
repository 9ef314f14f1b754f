import Glibc
import Testing

/// `edgehost bench http` as people run it.
@Suite struct BenchHTTPTests {
    private static let workers = ["tiny.lua": "return function() return 'tiny' end"]

    @Test func aServerIsStartedForAWorkerAndEndedAfterIt() throws {
        let workspace = try Workspace(Self.workers)
        let folder = "\(workspace.path)/temporary"
        #expect(mkdir(folder, 0o700) == 0)
        let bench = try Command(
            ["bench", "http", "--worker", "tiny", "--duration", "0.2", "--warmup", "0", "--json", "-"],
            in: workspace,
            environment: ["TMPDIR": folder]
        )
        #expect(bench.isSuccess, "\(bench.error)")
        #expect(bench.output.hasPrefix("{\"benchmark\":\"http\",") && bench.output.hasSuffix("}\n"))
        #expect(bench.output.contains("\"statuses\":{\"200\":"), "\(bench.output)")
        #expect(rmdir(folder) == 0, "it leaves nothing behind")
    }

    @Test func aServerThatRunsIsMeasured() throws {
        let workspace = try Workspace(Self.workers)
        let server = try RunningServer(workspace)
        let arguments = [
            "bench", "http", "--url", "http://127.0.0.1:\(server.port)/tiny", "--duration", "0.2", "--warmup", "0",
            "--rate", "100", "--json", "out.json",
        ]
        let bench = try Command(arguments, in: workspace)
        #expect(bench.isSuccess, "\(bench.error)")
        #expect(
            bench.output.contains("requests    20 due, ") && bench.output.contains("statuses    200: "),
            "\(bench.output)"
        )
        #expect(access("\(workspace.path)/out.json", R_OK) == 0)
    }

    @Test func whatCanNotBeDoneIsSaid() throws {
        let workspace = try Workspace(["broken.lua": "x = = 1"])
        let cases: [([String], String)] = [
            ([], "--url URL"), (["--url", "http://127.0.0.1:1/"], "0 of 16 connections"),
            (["--url", "https://a/"], "http://"), (["--url", "http://127.0.0.1:1/", "--worker", "a"], "--url URL"),
            (["--worker", "a", "--config", "none.lua"], "none.lua"),
        ]
        for (arguments, part) in cases {
            let bench = try Command(["bench", "http"] + arguments, in: workspace)
            #expect(bench.end == .exit(1) && bench.error.contains(part), "\(arguments): \(bench.error)")
        }
    }

    @Test func resultsAreCompared() throws {
        let workspace = try Workspace()
        let figure = { (values: String) in
            #"{"figures":[{"name":"p99","unit":"ms","better":"lower","values":["# + values + "]}]}"
        }
        try workspace.writeBeside("a.json", figure("1,1.01,0.99"))
        try workspace.writeBeside("b.json", figure("2,2.01,1.99"))
        let worse = try Command(["bench", "compare", "a.json", "b.json"], in: workspace)
        #expect(worse.end == .exit(1) && worse.output.contains("+100.0%") && worse.output.contains("worse"))
        let better = try Command(["bench", "compare", "b.json", "a.json"], in: workspace)
        #expect(better.isSuccess && better.output.contains("better"), "\(better.output)")
        try workspace.writeBeside("c.json", "{}")
        #expect(
            try Command(["bench", "compare", "a.json", "c.json"], in: workspace).error.contains(
                "c.json holds no result"
            )
        )
    }
}
