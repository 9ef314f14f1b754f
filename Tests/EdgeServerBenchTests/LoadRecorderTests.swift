import Testing

@testable import EdgeServer

struct LoadRecorderTests {
    private static let second: UInt64 = 1_000_000_000

    private static func recorder() -> LoadRecorder {
        LoadRecorder(window: Self.second..<Self.second * 7 / 2)
    }

    @Test
    func requestsCountByWhenTheyWereDueAndThroughputByWhenTheyWereAnswered() {
        var recorder = Self.recorder()
        // Due in the warm-up, answered in the window.
        recorder.answer(status: 200, due: Self.second - 1, sent: Self.second - 1, at: Self.second + 5)
        #expect(recorder.answered == 0 && recorder.arrived(.ok) == 1 && recorder.latency(.ok).totalCount == 0)
        // Due in the window, answered after it.
        recorder.answer(status: 200, due: Self.second * 3, sent: Self.second * 7 / 2, at: Self.second * 4)
        #expect(recorder.answered == 1 && recorder.arrived(.ok) == 1)
        #expect(recorder.latency(.ok).maxRecorded == Self.second)
        #expect(recorder.service(.ok).maxRecorded == Self.second / 2)
    }

    @Test
    func refusalsDoNotFlatterAnswers() {
        var recorder = Self.recorder()
        for status in [200, 302, 503, 503, 404, 500] {
            recorder.answer(status: status, due: Self.second, sent: Self.second, at: Self.second + UInt64(status))
        }
        let counts = LoadRecorder.Kind.allCases.map { recorder.latency($0).totalCount }
        #expect(counts == [2, 2, 2])
        #expect(
            recorder.statuses.map { [$0.status, $0.count] } == [[200, 1], [302, 1], [404, 1], [500, 1], [503, 2]]
        )
        #expect(recorder.latency(.unavailable).min == 503)
    }

    @Test
    func theTimelineHasASecondForEachBegun() {
        var recorder = Self.recorder()
        #expect(recorder.timeline.count == 3 && recorder.seconds == 2.5)
        recorder.answer(status: 200, due: 0, sent: 0, at: Self.second * 3)
        recorder.failure(.timeout, due: 0, at: Self.second * 2)
        recorder.failure(.closed, due: Self.second * 2, at: Self.second * 9)
        recorder.resident(77, at: Self.second)
        recorder.resident(88, at: 0)
        #expect(recorder.timeline.map { $0.answers[0] } == [0, 0, 1])
        #expect(recorder.timeline.map(\.failures) == [0, 1, 0])
        #expect(recorder.timeline.map(\.residentKiB) == [77, 0, 0])
        #expect(recorder.failures(.timeout) == 0 && recorder.failures(.closed) == 1 && recorder.failed == 1)
    }

    @Test
    func bytesCountInTheWindow() {
        var recorder = Self.recorder()
        for time in [0, Self.second, Self.second * 3, Self.second * 4] { recorder.received(10, at: time) }
        #expect(recorder.bytes == 20)
    }

    @Test
    func aRunThatEndsEarlyHasAShorterWindow() {
        var recorder = Self.recorder()
        recorder.end(at: Self.second * 2)
        #expect(recorder.window == Self.second..<Self.second * 2 && recorder.timeline.count == 1)
        recorder.answer(status: 200, due: Self.second * 2, sent: Self.second * 2, at: Self.second * 2)
        #expect(recorder.answered == 0 && recorder.arrived(.ok) == 0)
        recorder.end(at: Self.second * 9)
        #expect(recorder.seconds == 1)
        var never = Self.recorder()
        never.end(at: 5)
        #expect(never.seconds == 0 && never.timeline.isEmpty)
    }
}
