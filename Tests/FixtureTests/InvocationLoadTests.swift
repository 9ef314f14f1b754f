import EdgeRuntime
import Testing

/// Workers whose requests are known to be long, and workers with too many requests.
@Suite("loads of workers")
struct InvocationLoadTests {
    private static let heavy = """
        return {
          limits = { cpu_ms = 1000 },
          fetch = function(request, env)
            local stop = os.clock() + 0.04
            while os.clock() < stop do end
            return "heavy " .. tostring(env.KV:get("none"))
          end,
        }
        """
    private static let quick = "return function() return 'quick' end"
    private static let sleeper = """
        return { limits = { concurrency = 2 }, fetch = function() sleep(10) return "slept" end }
        """

    private static func slice(_ services: inout RuntimeServices) {
        services.sliceNanoseconds = 20_000_000
    }

    @Test("a worker that overran starts in the background, and others stay on their lane")
    func startsInBackground() throws {
        let harness = try InvocationHarness(["heavy": Self.heavy, "quick": Self.quick], configure: Self.slice)
        #expect(harness.get("/heavy").status == nil)
        harness.lane.runUntilQuiet()
        let again = harness.get("/heavy")
        #expect(harness.lane.backgroundCount == 1 && again.status == nil, "not a slice of it on the lane")
        #expect(harness.get("/quick").text == "quick")
        harness.lane.runUntilQuiet()
        #expect(again.text == "heavy nil" && harness.outcomes == [.ok, .ok, .ok])
        #expect(harness.activeCount == 0)
    }

    @Test("a request whose background thread did not wake up runs after the next sweep")
    func survivesALostWakeUp() throws {
        let harness = try InvocationHarness(["heavy": Self.heavy], configure: Self.slice)
        let sink = harness.get("/heavy")
        #expect(harness.lane.backgroundCount == 1)
        harness.lane.loseBackgroundJobs()
        harness.lane.runUntilQuiet()
        #expect(sink.status == nil)
        harness.dispatcher.gateway.sweep(idleSeconds: 10)
        harness.lane.runUntilQuiet()
        #expect(sink.text == "heavy nil" && harness.activeCount == 0)
        harness.dispatcher.gateway.sweep(idleSeconds: 10)
        #expect(harness.lane.backgroundCount == 0, "nothing waits")
    }

    @Test("a worker that has become quick comes back to its lane")
    func comesBack() throws {
        let script = """
            return function(request)
              if request.query.long then
                local stop = os.clock() + 0.04
                while os.clock() < stop do end
              end
              return "done"
            end
            """
        let harness = try InvocationHarness(["mixed": script], configure: Self.slice)
        #expect(harness.get("/mixed?long=1").status == nil)
        harness.lane.runUntilQuiet()
        var rounds = 0
        while harness.get("/mixed").status == nil, rounds < 200 {
            harness.lane.runUntilQuiet()
            rounds += 1
        }
        #expect(rounds > 0 && rounds < 200)
    }

    @Test("long requests beyond what can be done in a second are refused at once, the newest first")
    func refusesTheNewest() throws {
        let harness = try InvocationHarness(["heavy": Self.heavy, "other": Self.heavy], configure: Self.slice)
        _ = harness.get("/heavy")
        harness.lane.runUntilQuiet()
        var sinks: [CollectingSink] = []
        while sinks.last?.status != 503, sinks.count < 1000 { sinks.append(harness.get("/heavy")) }
        let refused = sinks.removeLast()
        #expect(refused.headers.contains { $0 == ("retry-after", "1") } && refused.text.contains("overloaded"))
        #expect(sinks.count >= 8 && sinks.allSatisfy { $0.status == nil })
        let other = harness.get("/other")
        #expect(other.status == nil, "another worker has its own place")
        harness.lane.runUntilQuiet()
        #expect(sinks.allSatisfy { $0.status == 200 } && other.status == 200 && harness.activeCount == 0)
    }

    @Test("a worker's requests beyond its concurrency are refused; other workers' are not")
    func concurrency() throws {
        let harness = try InvocationHarness(["sleeper": Self.sleeper, "quick": Self.quick])
        let served = [harness.get("/sleeper"), harness.get("/sleeper")]
        let refused = harness.get("/sleeper")
        #expect(refused.status == 503 && refused.headers.contains { $0 == ("retry-after", "1") })
        #expect(harness.get("/quick").text == "quick")
        while harness.lane.runNextTimer() { harness.lane.runUntilQuiet() }
        #expect(served.allSatisfy { $0.text == "slept" })
        #expect(harness.get("/sleeper").status == nil, "there is room again")
        while harness.lane.runNextTimer() { harness.lane.runUntilQuiet() }
        #expect(harness.activeCount == 0)
        #expect(harness.outcomes.filter { $0 == .overloaded }.count == 1)
    }

    @Test("a request that fails has left its place when its answer comes")
    func leavesBeforeItsAnswer() throws {
        let script = """
            return { limits = { concurrency = 1 }, fetch = function(request)
              if request.query.fail then sleep(10) error("failed") end
              return "quick"
            end }
            """
        let harness = try InvocationHarness(["one": script])
        let failing = harness.get("/one?fail=1")
        var next: CollectingSink?
        failing.onHead = { next = harness.get("/one") }
        #expect(harness.get("/one").status == 503)
        while harness.lane.runNextTimer() { harness.lane.runUntilQuiet() }
        #expect(failing.status == 500 && next?.text == "quick")
    }
}
