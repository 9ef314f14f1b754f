import Foundation
import Testing

@testable import EdgeServer

struct LoadReportTests {
    private static func report(_ pace: LoadPlan.Pace = .rate(100, .uniform)) throws -> LoadReport {
        var plan = LoadPlan()
        (plan.pace, plan.warmUp, plan.duration) = (pace, 0, 2_000_000_000)
        var recorder = LoadRecorder(window: plan.window)
        for index in UInt64(1)...100 {
            recorder.answer(status: 200, due: 0, sent: index * 1000, at: index * 2000)
        }
        recorder.answer(status: 503, due: 0, sent: 0, at: 7000)
        recorder.failure(.timeout, due: 5, at: 1_500_000_000)
        recorder.unsent = 3
        recorder.received(4_000_000, at: 9)
        let server = LoadUsage.Server(
            pid: 7,
            cpuNanoseconds: 1_010_000,
            userMicroseconds: 750,
            systemMicroseconds: 250,
            startKiB: 2048,
            endKiB: 3072,
            peakKiB: 4096,
            threads: 5
        )
        let usage = LoadUsage(generatorNanoseconds: 1_500_000_000, server: server)
        return LoadReport(
            target: try LoadTarget(url: "http://a:1/b?c=%22", method: "GET", headers: [], body: []),
            worker: nil,
            result: LoadResult(plan: plan, recorder: recorder, usage: usage)
        )
    }

    @Test
    func jsonHoldsTheFigures() throws {
        let text = try Self.report().json
        let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(json["benchmark"] as? String == "http" && json["rate"] as? Double == 100)
        #expect(json["statuses"] as? [String: Int] == ["200": 100, "503": 1])
        let requests = try #require(json["requests"] as? [String: Any])
        #expect(requests["due"] as? Int == 105 && requests["unsent"] as? Int == 3)
        #expect(requests["errors"] as? [String: Int] == ["connect": 0, "closed": 0, "timeout": 1, "malformed": 0])
        let throughput = try #require(json["throughput"] as? [String: Double])
        #expect(throughput["ok_per_s"] == 50 && throughput["bytes_per_s"] == 2_000_000)
        let latency = try #require((json["latency_us"] as? [String: [String: Double]])?["ok"])
        #expect(latency["n"] == 100 && latency["min"] == 2 && latency["max"] == 200)
        #expect(try abs(#require(latency["p50"]) - 100) < 0.2)
        let service = try #require((json["service_us"] as? [String: [String: Double]])?["ok"])
        #expect(service["max"] == 100)
        #expect((json["timeline"] as? [[String: Int]])?.map { $0["errors"] } == [0, 1])
        let server = try #require(json["server"] as? [String: Double])
        #expect(server["cpu_us_per_answer"] == 10 && server["rss_peak_kib"] == 4096)
    }

    @Test
    func textTellsThemToPeople() throws {
        let text = try Self.report().text
        for part in [
            "GET http://a:1/b?c=%22: 16 connections, 100.0/s (uniform), 2.0 s after 0.0 s to warm up\n",
            "105 due, 101 answered, 3 not sent in time", "200: 100, 503: 1", "timeout 1",
            "ok 50.0/s, unavailable 0.5/s, 2.00 MB/s", "10.00 us an answer (75% user)",
            "RSS 2.0 MB, 3.0 MB at the end, 4.0 MB",
            "generator   1.50 s of CPU",
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
        #expect(try Self.report(.maximum).text.contains("as fast as it answers"))
    }

    @Test
    func jsonTextIsEscapedAndExact() {
        let value = JSONText.object([
            ("a\"\\\n", .array([.null, .integer(-3), .string("\u{1}é")])), ("b", .thousandths(-0.0004)),
            ("c", .thousandths(-1.0625)), ("d", .thousandths(.nan)), ("e", .thousandths(1e300)),
        ])
        #expect(
            value.text
                == #"{"a\"\\\u000a":[null,-3,"\u0001é"],"b":0.000,"c":-1.063,"d":null,"e":null}"#
        )
    }
}
