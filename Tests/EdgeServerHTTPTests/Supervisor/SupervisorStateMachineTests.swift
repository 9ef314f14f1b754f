import Glibc
import Testing

@testable import EdgeServer

/// The parent's decisions, with time from the test.
@Suite struct SupervisorStateMachineTests {
    /// A machine, a clock and process ids.
    private struct Scene {
        var machine = SupervisorStateMachine()
        /// In ms.
        var now = 1_000_000
        private(set) var started: [SupervisorProgram] = []
        private(set) var notices: [SupervisorNotice] = []

        /// The process that was started last.
        var newest: pid_t { pid_t(100 + self.started.count) }

        /// Passes an event on and carries out starts; the actions without starts and reports.
        @discardableResult
        mutating func handle(_ event: SupervisorEvent) -> [SupervisorAction] {
            var rest: [SupervisorAction] = []
            var events = [event]
            while !events.isEmpty {
                for action in self.machine.handle(events.removeFirst(), now: self.now) {
                    switch action {
                    case .start(let program):
                        self.started.append(program)
                        events.append(.started(self.newest))
                    case .report(let notice):
                        self.notices.append(notice)
                    default:
                        rest.append(action)
                    }
                }
            }
            return rest
        }

        /// Sleeps until the machine wants a tick.
        mutating func tick() -> [SupervisorAction] {
            guard let deadline = self.machine.nextDeadline else { return [] }
            self.now = max(self.now, deadline)
            return self.handle(.tick)
        }

        /// A machine whose first process serves.
        static func serving() -> Scene {
            var scene = Scene()
            scene.handle(.begin)
            scene.handle(.ready(101))
            return scene
        }
    }

    @Test func theFirstProcessIsAForkAndNothingIsSaid() {
        let scene = Scene.serving()
        #expect(scene.started == [.fork])
        #expect(scene.notices == [])
        #expect(scene.machine.nextDeadline == nil)
        #expect(scene.machine.pids == [101])
    }

    @Test(arguments: [ProcessEnd.exit(1), .exit(64), .signal(SIGSEGV)])
    func aFirstProcessThatFailsEndsTheParentInTheSameWay(_ end: ProcessEnd) {
        var scene = Scene()
        scene.handle(.begin)
        #expect(scene.handle(.ended(101, end)) == [.end(end)])
        #expect(scene.started.count == 1)
        #expect(scene.notices == [])
    }

    @Test func aFirstProcessThatCannotBeMadeIsTold() {
        var machine = SupervisorStateMachine()
        #expect(machine.handle(.begin, now: 0) == [.start(.fork)])
        let actions = machine.handle(.startFailed(errno: EAGAIN), now: 0)
        #expect(actions == [.report(.noProcess(errno: EAGAIN)), .end(.exit(1))])
    }

    @Test func aCrashIsFollowedByAStartAtOnce() {
        var scene = Scene.serving()
        #expect(scene.handle(.ended(101, .signal(SIGKILL))) == [])
        #expect(scene.started == [.fork, .fork])
        #expect(scene.handle(.ready(102)) == [.tell(102, .serve)])
        #expect(scene.notices == [.crashed(101, .signal(SIGKILL), waitMilliseconds: 0), .restarted(102)])
    }

    @Test func repeatedCrashesBackOff() {
        var scene = Scene.serving()
        var waits: [Int] = []
        for _ in 0..<9 {
            let before = scene.now
            scene.handle(.ended(scene.newest, .exit(3)))
            _ = scene.tick()
            waits.append(scene.now - before)
            scene.handle(.ready(scene.newest))
        }
        #expect(waits == [0, 100, 200, 400, 800, 1600, 3200, 5000, 5000])
    }

    @Test func startsThatFailBackOffToo() {
        var scene = Scene.serving()
        scene.handle(.ended(101, .signal(SIGABRT)))
        var waits: [Int] = []
        for _ in 0..<7 {
            let before = scene.now
            scene.handle(.ended(scene.newest, .exit(1)))
            _ = scene.tick()
            waits.append(scene.now - before)
        }
        #expect(waits == [100, 200, 400, 800, 1600, 3200, 5000])
        #expect(scene.notices.last == .startFailed(.exit(1), waitMilliseconds: 5000))
    }

    @Test func aProcessThatLivedLongIsRestartedAtOnce() {
        var scene = Scene.serving()
        for _ in 0..<5 {
            scene.handle(.ended(scene.newest, .exit(3)))
            _ = scene.tick()
            scene.handle(.ready(scene.newest))
        }
        scene.now += RestartBackoff.healthy
        let count = scene.started.count
        scene.handle(.ended(scene.newest, .exit(3)))
        #expect(scene.started.count == count + 1)
    }

    @Test func aFaultIsFollowedByAHandover() {
        var scene = Scene.serving()
        #expect(scene.handle(.faulted(101)) == [])
        #expect(scene.started == [.fork, .fork])
        #expect(scene.handle(.ready(102)) == [.tell(101, .handOver)])
        #expect(scene.handle(.released(101)) == [.tell(102, .serve)])
        #expect(scene.handle(.ended(101, .exit(0))) == [])
        #expect(scene.notices == [.replacing(101), .handedOver(from: 101, to: 102), .drained(101)])
    }

    @Test func faultsInARowReplaceOncePerInterval() {
        var scene = Scene.serving()
        var times: [Int] = []
        for _ in 0..<4 {
            let count = scene.started.count
            scene.handle(.faulted(scene.newest))
            if scene.started.count == count { _ = scene.tick() }
            times.append(scene.now)
            let old = scene.newest - 1
            scene.handle(.ready(scene.newest))
            scene.handle(.ended(old, .exit(0)))
        }
        #expect(scene.started.count == 5)
        let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect(gaps == [Int](repeating: SupervisorStateMachine.replacementInterval, count: 3))
    }

    @Test func aReplacementThatFailsIsTriedAgainLater() {
        var scene = Scene.serving()
        scene.handle(.faulted(101))
        #expect(scene.handle(.ended(102, .exit(1))) == [])
        #expect(scene.started.count == 2)
        #expect(scene.machine.pids == [101])
        _ = scene.tick()
        #expect(scene.handle(.ready(103)) == [.tell(101, .handOver)])
    }

    @Test func aFaultBeforeReadyCounts() {
        var scene = Scene.serving()
        scene.handle(.ended(101, .exit(3)))
        scene.handle(.faulted(102))
        scene.handle(.ready(102))
        #expect(scene.started.count == 3)
    }

    @Test func theNextProcessAcceptsWhenTheOldOneHasEndedOrTakesTooLong() {
        for ends in [true, false] {
            var scene = Scene.serving()
            scene.handle(.upgrade)
            #expect(scene.handle(.ready(102)) == [.tell(101, .handOver)])
            #expect(scene.machine.nextDeadline == scene.now + SupervisorStateMachine.releaseLimit)
            #expect((ends ? scene.handle(.ended(101, .exit(0))) : scene.tick()) == [.tell(102, .serve)])
            #expect(scene.handle(.released(101)) == [])
        }
    }

    @Test func theFaultOfAProcessThatDrainsIsNothing() {
        var scene = Scene.serving()
        scene.handle(.upgrade)
        scene.handle(.ready(102))
        scene.handle(.released(101))
        scene.handle(.faulted(101))
        #expect(scene.started.count == 2)
        #expect(scene.machine.nextDeadline == scene.now + SupervisorStateMachine.drainLimit)
    }

    @Test func oldProcessesThatDoNotFinishAreEnded() {
        var scene = Scene.serving()
        scene.handle(.upgrade)
        scene.handle(.ready(102))
        scene.handle(.released(101))
        #expect(scene.tick() == [.kill(101)])
        #expect(scene.machine.nextDeadline == nil)
        scene.handle(.ended(101, .signal(SIGKILL)))
        #expect(scene.notices.suffix(2) == [.drainTakesTooLong(101), .drainFailed(101, .signal(SIGKILL))])
    }

    @Test func reloadsGoToTheProcessThatServesAndTheOneThatWill() {
        var scene = Scene.serving()
        #expect(scene.handle(.reload) == [.tell(101, .reload)])
        scene.handle(.upgrade)
        #expect(scene.handle(.reload) == [.tell(101, .reload), .tell(102, .reload)])
        scene.handle(.ready(102))
        #expect(scene.handle(.reload) == [.tell(102, .reload)])
    }

    @Test(arguments: [ProcessEnd.exit(0), .exit(1), .signal(SIGABRT)])
    func aSignalEndsTheServerAndThenTheParentAsItDid(_ end: ProcessEnd) {
        var scene = Scene.serving()
        #expect(scene.handle(.terminate(SIGTERM)) == [.stopListening, .tell(101, .stop)])
        #expect(scene.handle(.ended(101, end)) == [.end(end)])
        #expect(scene.started.count == 1)
        #expect(scene.notices == [])
    }

    @Test func aSecondSignalKills() {
        var scene = Scene.serving()
        scene.handle(.terminate(SIGINT))
        #expect(scene.handle(.terminate(SIGTERM)) == [.kill(101)])
        #expect(scene.handle(.terminate(SIGTERM)) == [])
        #expect(scene.handle(.ended(101, .signal(SIGKILL))) == [.end(.signal(SIGTERM))])
    }

    @Test func allProcessesAreWaitedFor() {
        var scene = Scene.serving()
        scene.handle(.upgrade)
        scene.handle(.ready(102))
        scene.handle(.faulted(102))
        #expect(
            scene.handle(.terminate(SIGTERM))
                == [.stopListening, .tell(102, .stop), .tell(103, .stop), .tell(101, .stop)]
        )
        #expect(scene.handle(.ended(102, .exit(0))) == [])
        #expect(scene.handle(.ended(101, .exit(0))) == [])
        #expect(scene.handle(.ended(103, .exit(0))) == [.end(.exit(0))])
    }

    @Test func aSignalWhileNobodyServesEndsAtOnce() {
        var scene = Scene.serving()
        scene.handle(.ended(101, .exit(3)))
        scene.handle(.ended(102, .exit(1)))
        let actions = scene.handle(.terminate(SIGTERM))
        #expect(actions == [.stopListening, .end(.exit(3))])
    }

    @Test func aProcessThatGetsReadyDuringTheEndIsEnded() {
        var scene = Scene()
        scene.handle(.begin)
        #expect(scene.handle(.terminate(SIGTERM)) == [.stopListening, .tell(101, .stop)])
        #expect(scene.handle(.ready(101)) == [.stopListening, .tell(101, .serve)], "it has handed its socket over")
        #expect(scene.handle(.ended(101, .exit(0))) == [.end(.exit(0))])
    }
}
