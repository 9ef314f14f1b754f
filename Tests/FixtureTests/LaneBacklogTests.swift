import EdgeRuntime
import Testing

/// Requests that arrive together at one lane, which are more than it should do before it looks for others.
@Suite("lanes that have fallen behind")
struct LaneBacklogTests {
    private static let counting = """
        return function(request)
          for _ = 1, tonumber(request.query.turns) do end
          return "counted"
        end
        """
    private static let short = "return function() return 'short' end"

    /// A lane of which it is known how long its workers take, and how often one counts for a request that is neither short nor long.
    private struct Scene {
        let harness: InvocationHarness
        private(set) var turns = 1000

        init(_ counting: [String] = ["middling"], limits: String = "{}") throws {
            let script = "local fetch = (function() \(LaneBacklogTests.counting) end)() "
            var scripts = ["short": LaneBacklogTests.short]
            for name in counting { scripts[name] = script + "return { limits = \(limits), fetch = fetch }" }
            self.harness = try InvocationHarness(scripts) { $0.sliceNanoseconds = 4_000_000 }
            while self.leastNanoseconds() < 150_000 { self.turns *= 2 }
            for name in counting {
                for _ in 0..<16 { self.serve(name) }
            }
        }

        private func leastNanoseconds() -> UInt64 {
            for _ in 0..<5 { self.serve("middling") }
            return self.harness.observer.reports.suffix(5).map(\.usage.cpuNanoseconds).min() ?? 0
        }

        private func serve(_ name: String) {
            _ = self.get(name)
            self.harness.lane.runUntilQuiet()
        }

        func get(_ name: String = "middling") -> CollectingSink {
            self.harness.get("/\(name)?turns=\(self.turns)")
        }
    }

    @Test("what is more than a slice waits, in order, and short requests do not")
    func waits() throws {
        let scene = try Scene()
        let harness = scene.harness
        let sinks = (0..<60).map { _ in scene.get() }
        let atOnce = sinks.filter { $0.status != nil }.count
        #expect(atOnce > 0 && atOnce < 40, "\(atOnce)")
        #expect(sinks[..<atOnce].allSatisfy { $0.status == 200 } && sinks[atOnce...].allSatisfy { $0.status == nil })
        #expect(harness.get("/short").text == "short")
        #expect(harness.lane.backgroundCount == 0, "they stay on their lane")
        harness.lane.runUntilQuiet()
        #expect(sinks.allSatisfy { $0.text == "counted" } && harness.activeCount == 0)
        #expect(scene.get().text == "counted", "the lane has caught up")
    }

    @Test("workers share what is left of the lane, however much each has waiting")
    func isFair() throws {
        let scene = try Scene(["middling", "other"])
        let harness = scene.harness
        let many = (0..<200).map { _ in scene.get() }
        let few = [scene.get("other"), scene.get("other")]
        #expect(few.allSatisfy { $0.status == nil })
        let before = harness.observer.reports.count
        harness.lane.runUntilQuiet()
        let order = harness.observer.reports[before...].map(\.worker)
        let lastOther = try #require(order.lastIndex(of: "other")) - order.startIndex
        #expect(lastOther < 10, "\(order.prefix(20))")
        #expect((many + few).allSatisfy { $0.text == "counted" })
    }

    @Test("a request that waits takes no place of its worker's concurrency")
    func isNotCounted() throws {
        let scene = try Scene(limits: "{ concurrency = 1 }")
        let sinks = (0..<60).map { _ in scene.get() }
        #expect(sinks.contains { $0.status == nil })
        scene.harness.lane.runUntilQuiet()
        #expect(sinks.allSatisfy { $0.text == "counted" })
    }

    /// Not in the middle of the other's turn: its connection may be at work.
    @Test("a full queue takes a newcomer, and answers the one in whose place soon, not at once")
    func takesInsteadOfAnother() throws {
        let scene = try Scene(["middling", "more", "other"])
        var sinks: [CollectingSink] = []
        while sinks.last?.status != 503, sinks.count < 10_000 {
            sinks.append(scene.get(sinks.count.isMultiple(of: 2) ? "middling" : "more"))
        }
        sinks.removeLast()
        #expect(sinks.count == 4096 + sinks.filter { $0.status == 200 }.count)
        let other = scene.get("other")
        #expect(other.status == nil && !sinks.contains { $0.status == 503 })
        scene.harness.lane.runUntilQuiet()
        #expect(other.text == "counted" && sinks.filter { $0.status == 503 }.count == 1)
        #expect(sinks.filter { $0.status == 200 }.count == sinks.count - 1 && scene.harness.activeCount == 0)
    }

    /// Of a refusal, whose document says nothing else of the request.
    private static func requestID(of refusal: CollectingSink) throws -> Substring {
        let start =
            #"{"type":"about:blank","title":"Too many requests are in progress","status":503,"outcome":"overloaded","#
            + #""worker":"middling","request_id":""#
        let id = try #require(refusal.text.hasPrefix(start) ? refusal.text.dropFirst(start.count).prefix(32) : nil)
        #expect(refusal.text == start + id + "\"}\n" && id.allSatisfy { $0.isHexDigit })
        return id
    }

    @Test("requests beyond what can be done in a second are refused at once")
    func refuses() throws {
        let scene = try Scene(["middling", "other"])
        let harness = scene.harness
        var sinks = [scene.get()]
        while sinks.last?.status != 503, sinks.count < 10_000 { sinks.append(scene.get()) }
        let refused = sinks.removeLast()
        #expect(refused.status == 503 && refused.headers.contains { $0 == ("retry-after", "1") })
        let again = scene.get()
        let ids = try [refused, again].map { try Self.requestID(of: $0) }
        #expect(ids[0] != ids[1])
        #expect(sinks.count > 500)
        // On a fast machine the queue's own bound comes before a second's work.
        let isFull = sinks.filter { $0.status == nil }.count == 4096
        #expect(scene.get("other").status == nil, "another worker has its own place")
        harness.lane.runUntilQuiet()
        #expect(sinks.filter { $0.status != 200 }.map(\.status) == (isFull ? [503] : []) && harness.activeCount == 0)
    }
}
