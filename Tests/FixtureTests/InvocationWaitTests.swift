import EdgeRuntime
import Synchronization
import Testing

/// Invocations that wait: for time, for the store, for a place.
@Suite("invocations that wait")
struct InvocationWaitTests {
    private static let sleeper = """
        return {
          limits = { wall_ms = 100 },
          fetch = function(request)
            sleep(tonumber(request.query.ms))
            return "slept"
          end,
        }
        """

    private static let writer = """
        return {
          limits = { wall_ms = 100 },
          fetch = function(request, env)
            return tostring(env.KV:increment(request.query.key, 1))
          end,
        }
        """

    @Test("a sleep ends with its timer, and leaves none behind")
    func sleeps() throws {
        let harness = try InvocationHarness(["sleeper": Self.sleeper])
        let sink = harness.get("/sleeper?ms=50")
        harness.lane.runUntilQuiet()
        #expect(sink.status == nil && harness.activeCount == 1 && harness.lane.timerCount == 2)
        #expect(harness.lane.runNextTimer())
        #expect(sink.text == "slept" && harness.outcomes == [.ok])
        #expect(harness.activeCount == 0 && harness.lane.timerCount == 0)
    }

    @Test("the wall-time limit ends a sleep; its timer finds nobody")
    func expiresInSleep() throws {
        let harness = try InvocationHarness(["sleeper": Self.sleeper])
        let sink = harness.get("/sleeper?ms=500")
        #expect(harness.lane.runNextTimer())
        #expect(sink.status == 504 && harness.outcomes == [.exceededWallTime] && harness.activeCount == 0)
        let next = harness.get("/sleeper?ms=1000")
        // The first sleep's timer comes now, while the same isolate serves another request.
        while harness.lane.runNextTimer() { harness.lane.runUntilQuiet() }
        #expect(next.status == 504 && harness.outcomes == [.exceededWallTime, .exceededWallTime])
    }

    @Test("a write that completes after the end of its invocation is ignored")
    func lateCompletion() throws {
        let harness = try InvocationHarness(["writer": Self.writer])
        let late = harness.get("/writer?key=a")
        #expect(harness.store.heldCount == 1 && late.status == nil)
        #expect(harness.lane.runNextTimer())
        #expect(late.status == 504 && harness.activeCount == 0)
        // The next request takes the same isolate and waits for a write of its own.
        let next = harness.get("/writer?key=b")
        harness.store.release()
        harness.lane.runUntilQuiet()
        #expect(next.text == "1" && late.body.isEmpty == false && late.status == 504)
        #expect(harness.outcomes == [.exceededWallTime, .ok])
        let after = harness.get("/writer?key=a")
        harness.store.release()
        harness.lane.runUntilQuiet()
        #expect(after.text == "2", "the late write took place all the same")
    }

    @Test("completions in any order reach their own invocations")
    func manyWait() throws {
        let harness = try InvocationHarness(["writer": Self.writer])
        let sinks = (0..<8).map { harness.get("/writer?key=k\($0)") }
        #expect(harness.store.heldCount == 8 && harness.activeCount == 8)
        harness.store.release()
        harness.lane.runUntilQuiet()
        #expect(sinks.allSatisfy { $0.text == "1" } && harness.activeCount == 0)
    }

    @Test("a request beyond the isolates of the lane is refused, and told to come again")
    func overloaded() throws {
        let harness = try InvocationHarness(["sleeper": Self.sleeper]) { $0.maximumIsolatesPerLane = 2 }
        let served = [harness.get("/sleeper?ms=10"), harness.get("/sleeper?ms=10")]
        let refused = harness.get("/sleeper?ms=10")
        #expect(refused.status == 503 && refused.text.contains("\"outcome\":\"overloaded\""))
        #expect(refused.headers.contains { $0 == ("retry-after", "1") })
        #expect(harness.outcomes == [.overloaded] && harness.activeCount == 2)
        while harness.lane.runNextTimer() { harness.lane.runUntilQuiet() }
        #expect(served.allSatisfy { $0.text == "slept" })
        let after = harness.get("/sleeper?ms=10")
        while harness.lane.runNextTimer() { harness.lane.runUntilQuiet() }
        #expect(after.text == "slept")
    }

    @Test("an idle isolate of another worker makes room")
    func evicts() throws {
        let fine = "return function() return 'fine' end"
        let harness = try InvocationHarness(["a": fine, "b": fine, "c": fine]) { $0.maximumIsolatesPerLane = 1 }
        for path in ["/a", "/b", "/c", "/a"] {
            #expect(harness.get(path).text == "fine")
        }
    }

    @Test("requests in flight end on the version they began with")
    func publishes() throws {
        let version = { (name: String) in
            "local name = '\(name)' return function() sleep(10) return name .. require 'lib.word' end"
        }
        let harness = try InvocationHarness(["hello": version("one"), "lib/word": "return ' old'"])
        let before = harness.get("/hello")
        try harness.publish(["hello": version("two"), "lib/word": "return ' new'"])
        let after = harness.get("/hello")
        try harness.publish(["hello": "return function() return 'three' end"])
        #expect(harness.get("/hello").text == "three")
        while harness.lane.runNextTimer() { harness.lane.runUntilQuiet() }
        #expect(before.text == "one old" && after.text == "two new")
        #expect(harness.outcomes == [.ok, .ok, .ok] && harness.activeCount == 0)
    }

    @Test("the guest's time stands still within a step")
    func timeStandsStill() throws {
        let script = """
            return function()
              local before = { now(), os.time(), os.date("!%S"), now(), os.time() }
              sleep(1)
              return table.concat(before, " ") .. " " .. now() .. " " .. os.time()
            end
            """
        let reads = Atomic(0)
        let harness = try InvocationHarness(["time": script]) { services in
            // Ten seconds later at every look.
            services.clock = RuntimeClock(
                unixMilliseconds: { Int64(reads.add(1, ordering: .relaxed).newValue) * 10_000 },
                monotonicNanoseconds: { RuntimeClock.system.monotonicNanoseconds() }
            )
        }
        let sink = harness.get("/time")
        #expect(harness.lane.runNextTimer())
        #expect(sink.text == "10000 10 10 10000 10 20000 20")
    }

    @Test("log lines over the limit are counted and dropped")
    func logLimit() throws {
        let harness = try InvocationHarness([
            "chatty": """
            return {
              limits = { log_kb = 1 },
              fetch = function()
                for i = 1, 100 do log.info(("x"):rep(100)) end
                return "said"
              end,
            }
            """
        ])
        #expect(harness.get("/chatty").text == "said")
        let lines = harness.observer.takeLines()
        let kept = lines.filter { $0.hasPrefix("info xxx") }.count
        #expect((1...10).contains(kept))
        #expect(lines.last == "warn log lines over the limit of log_kb were dropped dropped=\(100 - kept)")
    }
}
