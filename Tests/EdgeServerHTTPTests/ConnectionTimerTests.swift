import NIOCore
import Testing

@testable import EdgeServer

@Suite("Connection timer")
struct ConnectionTimerTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private var timeouts: HTTPTimeouts {
        var timeouts = HTTPTimeouts()
        timeouts.sweepInterval = .seconds(1)
        return timeouts
    }

    private func timer(in phase: ConnectionTimer.Phase) -> ConnectionTimer {
        var timer = ConnectionTimer(timeouts: self.timeouts, now: self.start)
        timer.enter(phase, now: self.start)
        return timer
    }

    @Test(arguments: [
        (ConnectionTimer.Phase.idle, Int64(76), ConnectionTimer.Verdict.close),
        (.head, 11, .refuse),
        (.body, 31, .refuse),
        (.lingering, 3, .close),
    ])
    func endsAPhaseAfterItsTimeoutAndOneInterval(
        phase: ConnectionTimer.Phase,
        seconds: Int64,
        verdict: ConnectionTimer.Verdict
    ) {
        var timer = self.timer(in: phase)
        let end = self.start + .seconds(seconds)
        #expect(timer.sweep(now: end - .nanoseconds(1), waitingOutput: nil) == .stay)
        #expect(timer.sweep(now: end, waitingOutput: nil) == verdict)
    }

    @Test(arguments: [ConnectionTimer.Phase.answering, .closing, .closed])
    func leavesTheOtherPhasesAlone(phase: ConnectionTimer.Phase) {
        var timer = self.timer(in: phase)
        #expect(timer.sweep(now: self.start + .hours(24), waitingOutput: nil) == .stay)
    }

    @Test func progressBeginsTheBodyTimeoutAgain() {
        var timer = self.timer(in: .body)
        timer.enter(.body, now: self.start + .seconds(30))
        #expect(timer.sweep(now: self.start + .seconds(60), waitingOutput: nil) == .stay)
        #expect(timer.sweep(now: self.start + .seconds(61), waitingOutput: nil) == .refuse)
    }

    @Test func closesWhenOutputDoesNotShrink() {
        var timer = self.timer(in: .answering)
        #expect(timer.sweep(now: self.start, waitingOutput: 100) == .stay)
        #expect(timer.sweep(now: self.start + .seconds(29), waitingOutput: 100) == .stay)
        #expect(timer.sweep(now: self.start + .seconds(30), waitingOutput: 99) == .stay)
        #expect(timer.sweep(now: self.start + .seconds(59), waitingOutput: 99) == .stay)
        #expect(timer.sweep(now: self.start + .seconds(60), waitingOutput: 99) == .close)
    }

    @Test func forgetsAStallThatIsOver() {
        var timer = self.timer(in: .answering)
        #expect(timer.sweep(now: self.start, waitingOutput: 100) == .stay)
        #expect(timer.sweep(now: self.start + .seconds(29), waitingOutput: nil) == .stay)
        #expect(timer.sweep(now: self.start + .seconds(31), waitingOutput: 100) == .stay)
    }
}
