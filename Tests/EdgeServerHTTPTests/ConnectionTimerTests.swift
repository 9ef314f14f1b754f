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
        #expect(timer.sweep(now: end - .nanoseconds(1), backlog: nil) == .stay)
        #expect(timer.sweep(now: end, backlog: nil) == verdict)
    }

    @Test(arguments: [ConnectionTimer.Phase.answering, .closing, .closed])
    func leavesTheOtherPhasesAlone(phase: ConnectionTimer.Phase) {
        var timer = self.timer(in: phase)
        #expect(timer.sweep(now: self.start + .hours(24), backlog: nil) == .stay)
    }

    /// One interval of a second comes on top of each time.
    @Test func aBodyThatKeepsUpTheRateGoesOnToItsDeadline() {
        var timer = self.timer(in: .body)
        for second in 1...900 {
            let now = self.start + .seconds(Int64(second))
            timer.bodyGrew(to: 500 * second, now: now)
            #expect(timer.sweep(now: now, backlog: nil) == .stay)
        }
        #expect(timer.sweep(now: self.start + .seconds(901), backlog: nil) == .refuse)
    }

    @Test(arguments: [(0, Int64(31)), (1, 32), (250, 62), (400, 155)])
    func aBodyThatIsTooSlowUsesItsReserveUp(bytesPerSecond: Int, end: Int64) {
        var timer = self.timer(in: .body)
        for second in 1..<end {
            let now = self.start + .seconds(second)
            timer.bodyGrew(to: bytesPerSecond * Int(second), now: now)
            #expect(timer.sweep(now: now, backlog: nil) == .stay, "after \(second) s")
        }
        let now = self.start + .seconds(end)
        timer.bodyGrew(to: bytesPerSecond * Int(end), now: now)
        #expect(timer.sweep(now: now, backlog: nil) == .refuse)
    }

    @Test func aBodyCannotSaveUpForLater() {
        var timer = self.timer(in: .body)
        timer.bodyGrew(to: 10_000_000, now: self.start)
        #expect(timer.sweep(now: self.start + .seconds(30), backlog: nil) == .stay)
        #expect(timer.sweep(now: self.start + .seconds(31), backlog: nil) == .refuse)
    }

    @Test func closesWhenTheClientTakesNothing() {
        var timer = self.timer(in: .answering)
        #expect(timer.sweep(now: self.start, backlog: .init(taken: 7)) == .stay)
        #expect(timer.sweep(now: self.start + .seconds(29), backlog: .init(taken: 7)) == .stay)
        #expect(timer.sweep(now: self.start + .seconds(30), backlog: .init(taken: 7)) == .close)
    }

    /// What a client that drips gets: little more than one that takes nothing.
    @Test func closesWhenTheClientDrips() {
        var timer = self.timer(in: .closing)
        var taken = 0
        let end = (0...1000).first { second in
            if second % 5 == 0 { taken += 100 }
            return timer.sweep(now: self.start + .seconds(Int64(second)), backlog: .init(taken: taken)) == .close
        }
        #expect(end == 32)
    }

    @Test func aSlowClientThatKeepsUpTheRateIsLeftAlone() {
        var timer = self.timer(in: .answering)
        for second in 0..<10_000 {
            let backlog = Backlog(taken: 500 * second)
            #expect(timer.sweep(now: self.start + .seconds(Int64(second)), backlog: backlog) == .stay)
        }
    }

    @Test func aPressedServerAsksForMore() {
        var timer = self.timer(in: .answering)
        for second in 0..<100 {
            let backlog = Backlog(taken: 30_000 * second)
            #expect(timer.sweep(now: self.start + .seconds(Int64(second)), backlog: backlog) == .stay)
        }
        let end = (100...200).first { second in
            let backlog = Backlog(taken: 30_000 * second, isPressed: true)
            return timer.sweep(now: self.start + .seconds(Int64(second)), backlog: backlog) == .close
        }
        #expect(end == 104)
    }

    @Test func forgetsAStallThatIsOver() {
        var timer = self.timer(in: .answering)
        #expect(timer.sweep(now: self.start, backlog: .init(taken: 100)) == .stay)
        #expect(timer.sweep(now: self.start + .seconds(29), backlog: nil) == .stay)
        #expect(timer.sweep(now: self.start + .seconds(31), backlog: .init(taken: 100)) == .stay)
    }
}
