import EdgeRuntime
import Foundation
import Testing

@testable import EdgeServer

@Suite(.serialized)
struct StartupBenchmarkCommandTests {
    private static let hello = "return function(request) return 'hello' end"

    private static func parse(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test
    func jsonHasTheShapeAndOrderedTimes() throws {
        let text = try WorkersFolder(["hello": Self.hello]).benchmark()
        #expect(text.hasSuffix("}\n") && text.filter { $0 == "\n" }.count == 1)
        let report = try Self.parse(text)
        let measures = ["fresh_us", "restore_us", "relocate_us", "ready_us", "disk_us", "request_us"]
        #expect(Set(report.keys) == Set(["worker", "image_bytes"] + measures))
        #expect(report["worker"] as? String == "hello")
        #expect(try #require(report["image_bytes"] as? Int) > 1000)
        for (name, count) in zip(measures, [6, 10, 6, 6, 6, 10]) {
            let measure = try #require(report[name] as? [String: NSNumber])
            #expect(Set(measure.keys) == ["p50", "p99", "p999", "min", "max", "n"])
            #expect(measure["n"]?.intValue == count)
            let times = try ["min", "p50", "p99", "p999", "max"].map { try #require(measure[$0]).doubleValue }
            #expect(times == times.sorted() && times[0] > 0, "\(name): \(times)")
        }
    }

    @Test
    func aFreshStateCostsMoreThanARestore() throws {
        let report = try Self.parse(WorkersFolder(["hello": Self.hello]).benchmark())
        let minimum = try ["fresh_us", "restore_us"].map {
            try #require((report[$0] as? [String: NSNumber])?["min"]).doubleValue
        }
        #expect(minimum[0] > minimum[1])
    }

    @Test
    func anImageIsReadForEachStartFromDisk() throws {
        let report = try Self.parse(WorkersFolder(["hello": Self.hello]).benchmark())
        let minimum = try ["disk_us", "restore_us"].map {
            try #require((report[$0] as? [String: NSNumber])?["min"]).doubleValue
        }
        #expect(minimum[0] > minimum[1])
    }

    @Test
    func anImageThatNoFileCanHoldHasNoStartFromDisk() throws {
        let script = "local known = { [print] = 1 } return function() return tostring(known[print]) end"
        let folder = try WorkersFolder(["keyed": script])
        let report = try Self.parse(folder.benchmark())
        #expect(report["disk_us"] == nil && report["relocate_us"] != nil)
        #expect(try !folder.benchmark(json: false).contains("\ndisk (us)\n"))
    }

    @Test
    func withoutTimeEachMeasureHasOneSample() throws {
        var plan = StartupPlan.tiny
        plan.maximumNanoseconds = 0
        let report = try Self.parse(WorkersFolder(["hello": Self.hello]).benchmark(plan: plan))
        for name in ["fresh_us", "restore_us", "relocate_us", "ready_us", "disk_us", "request_us"] {
            #expect((report[name] as? [String: NSNumber])?["n"]?.intValue == 1)
        }
    }

    @Test
    func withoutNameItIsHelloOrTheFirst() throws {
        let both = try WorkersFolder(["hello": Self.hello, "a": Self.hello]).benchmark()
        #expect(both.hasPrefix("{\"worker\":\"hello\","))
        let other = try WorkersFolder(["c": Self.hello, "b": Self.hello]).benchmark()
        #expect(other.hasPrefix("{\"worker\":\"b\","))
    }

    @Test
    func textTellsTheRequestAndItsStatus() throws {
        let script = """
            return { routes = { "POST /x", "shop.example.com/caf%C3%A9/:item/*" }, fetch = function(request)
              local ok = request.host == "shop.example.com" and request.path == "/caf%C3%A9/1/" and
                request.params.item == "1" and request.method == "GET"
              return { status = ok and 202 or 500, body = "" }
            end }
            """
        let text = try WorkersFolder(["shop": script]).benchmark(json: false)
        #expect(text.contains("GET /caf%C3%A9/1/ with restore, answered with 202\n"))
        for measure in StartupMeasure.allCases {
            #expect(text.contains("\n\(measure.rawValue) (us)\n"))
        }
    }

    @Test
    func whatARequestWaitsForRunsOnTheBenchmark() throws {
        let script = """
            return function(request, env)
              sleep(1)
              return { status = 200 + env.KV:increment("requests"), body = "" }
            end
            """
        // One request in the warm-up and one in each of two rounds.
        let plan = StartupPlan(
            warmUpRounds: 1,
            rounds: 2,
            slowSamples: 1,
            fastSamples: 1,
            maximumNanoseconds: 60_000_000_000
        )
        let text = try WorkersFolder(["counter": script]).benchmark(json: false, plan: plan)
        #expect(text.contains("answered with 203\n"))
    }

    @Test
    func aRequestThatOutlivesItsSliceEnds() throws {
        let script = "return function() local n = 0 for i = 1, 3e6 do n = n + i end return 'done' end"
        #expect(try WorkersFolder(["busy": script]).benchmark(json: false).contains("answered with 200\n"))
    }

    @Test
    func anUnknownWorkerIsAnErrorWithTheNames() throws {
        let folder = try WorkersFolder(["hello": Self.hello, "cart": Self.hello])
        let failure = folder.failure("helo")
        #expect(failure == "there is no worker 'helo' in '\(folder.path)': the workers are cart, hello")
    }

    @Test
    func anEmptyFolderIsAnError() throws {
        let folder = try WorkersFolder([:])
        #expect(folder.failure()?.hasPrefix("there is no worker in '\(folder.path)'") == true)
        #expect(folder.failure("a") == "there is no worker 'a' in '\(folder.path)', nor any other")
    }

    @Test
    func aBrokenWorkerIsAnErrorWithFileAndLine() throws {
        let folder = try WorkersFolder(["broken": "return {\n"])
        #expect(folder.failure("broken")?.contains("broken.lua:2: ") == true)
        #expect(folder.failure()?.contains("broken.lua:2: ") == true)
    }

    @Test
    func aWorkerThatFailsItsRequestIsAnError() throws {
        let failure = try WorkersFolder(["bad": "return function() error('no luck') end"]).failure()
        #expect(failure?.contains("GET /bad ended as exception: ") == true)
        #expect(failure?.hasSuffix("bad.lua:1: no luck") == true)
    }
}
