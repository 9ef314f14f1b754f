import EdgeRuntime
import Testing

/// Invocations that outlive their slice, and streams.
@Suite("slices and streams")
struct InvocationSliceTests {
    private static let busy = """
        return {
          limits = { wall_ms = 100, cpu_ms = 1000 },
          fetch = function(request, env)
            if request.query.sleep then sleep(10) end
            local stop = os.clock() + 0.05
            while os.clock() < stop do end
            if request.query.sleep then sleep(10) end
            if request.query.endless then while true do end end
            return "busy " .. tostring(env.KV:get("none"))
          end,
        }
        """

    private static let stream = """
        return {
          limits = { wall_ms = 100 },
          fetch = function(request)
            return Response.stream(function(write)
              for i = 1, 3 do
                local ok, problem = pcall(write, "part " .. i .. ";")
                if not ok then
                  log.warn(problem)
                  if request.query.insist then write("more") end
                  error(problem, 0)
                end
              end
            end)
          end,
        }
        """

    /// Long enough that a short request does not outlive it on a busy machine.
    private static func slice(_ services: inout RuntimeServices) {
        services.sliceNanoseconds = 20_000_000
    }

    @Test("a guest that outlives its slice moves away, others are served, and it comes back")
    func preempted() throws {
        let scripts = ["busy": Self.busy, "quick": "return function() return 'quick' end"]
        let harness = try InvocationHarness(scripts, configure: Self.slice)
        let busy = harness.get("/busy")
        #expect(busy.status == nil && harness.lane.backgroundCount == 1)
        #expect(harness.get("/quick").text == "quick")
        var slices = 0
        while harness.lane.runBackgroundJob() { slices += 1 }
        #expect(slices >= 2 && busy.status == nil, "it answers on its lane only")
        harness.lane.runJobs()
        #expect(busy.status == nil && harness.lane.backgroundCount == 1, "its lane serves the host call, no more")
        harness.lane.runUntilQuiet()
        #expect(busy.text == "busy nil" && harness.outcomes == [.ok, .ok])
    }

    @Test("long requests take turns in the background")
    func takesTurns() throws {
        let harness = try InvocationHarness(["busy": Self.busy], configure: Self.slice)
        let sinks = [harness.get("/busy"), harness.get("/busy"), harness.get("/busy")]
        #expect(harness.lane.backgroundCount == 3)
        harness.lane.runUntilQuiet()
        #expect(sinks.allSatisfy { $0.text == "busy nil" })
    }

    @Test("the CPU limit ends a guest in the background")
    func killedAway() throws {
        let script = "return { limits = { cpu_ms = 60 }, fetch = function() while true do end end }"
        let harness = try InvocationHarness(["busy": script], configure: Self.slice)
        let sink = harness.get("/busy")
        #expect(harness.lane.backgroundCount == 1)
        harness.lane.runUntilQuiet()
        #expect(sink.status == 503 && harness.outcomes == [.exceededCPU] && harness.activeCount == 0)
    }

    @Test("the wall-time limit that passes while a guest is away ends its next wait")
    func expiresAway() throws {
        let harness = try InvocationHarness(["busy": Self.busy], configure: Self.slice)
        let sink = harness.get("/busy?sleep=1")
        #expect(harness.lane.runNextTimer(), "the first sleep")
        #expect(harness.lane.backgroundCount == 1)
        #expect(harness.lane.runNextTimer(), "the wall-time limit, while the guest is away")
        #expect(sink.status == nil && harness.activeCount == 1)
        harness.lane.runUntilQuiet()
        #expect(harness.lane.runNextTimer(), "the limit again")
        #expect(sink.status == 504 && harness.outcomes == [.exceededWallTime])
    }

    @Test("a stream goes on when its client has taken a piece")
    func backpressure() throws {
        let harness = try InvocationHarness(["stream": Self.stream])
        let sink = harness.get("/stream", reader: .manual)
        for part in 1...3 {
            harness.lane.runUntilQuiet()
            #expect(sink.isWaiting && !sink.isComplete && sink.text.hasSuffix("part \(part);"))
            sink.take()
        }
        harness.lane.runUntilQuiet()
        #expect(sink.text == "part 1;part 2;part 3;" && sink.isComplete && !sink.isBroken)
        #expect(harness.outcomes == [.ok] && harness.lane.timerCount == 0)
    }

    @Test("a client that goes away in mid-stream is an error in the script, which may tidy up")
    func clientGone() throws {
        let harness = try InvocationHarness(["stream": Self.stream])
        for target in ["/stream", "/stream?insist=1"] {
            let sink = harness.get(target, reader: .manual)
            harness.lane.runUntilQuiet()
            sink.reader = .gone
            sink.take(false)
            harness.lane.runUntilQuiet()
            #expect(sink.isBroken && sink.text == "part 1;")
            #expect(harness.observer.takeLines() == ["warn workers/stream.lua:6: write: the client is gone"])
        }
        #expect(harness.outcomes == [.exception, .exception] && harness.activeCount == 0)
        #expect(harness.observer.reports.allSatisfy { $0.status == 200 })
    }

    @Test("a client that takes nothing holds a stream until the wall-time limit")
    func stalledClient() throws {
        let harness = try InvocationHarness(["stream": Self.stream])
        let sink = harness.get("/stream", reader: .manual)
        harness.lane.runUntilQuiet()
        #expect(harness.lane.runNextTimer())
        #expect(sink.isBroken && harness.outcomes == [.exceededWallTime])
        sink.take()
        harness.lane.runUntilQuiet()
        #expect(harness.activeCount == 0 && harness.outcomes.count == 1)
    }
}
