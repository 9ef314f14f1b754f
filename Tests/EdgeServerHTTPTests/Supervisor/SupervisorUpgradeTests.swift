import Glibc
import Testing

@testable import EdgeServer

/// SIGUSR2 as the parent's state machine sees it.
@Suite struct SupervisorUpgradeTests {
    private var machine = SupervisorStateMachine()

    /// Its first process, 1, serves.
    init() {
        _ = self.machine.handle(.begin, now: 0)
        _ = self.machine.handle(.started(1), now: 0)
        _ = self.machine.handle(.ready(1), now: 0)
    }

    @Test mutating func theExecutableTakesOverAndIsWhatRestartsRun() {
        #expect(self.machine.handle(.upgrade, now: 0) == [.report(.upgrading), .start(.executable)])
        #expect(self.machine.handle(.started(2), now: 0) == [])
        #expect(self.machine.handle(.ready(2), now: 0) == [.tell(1, .handOver), .report(.handedOver(from: 1, to: 2))])
        #expect(self.machine.handle(.released(1), now: 0) == [.tell(2, .serve)])
        #expect(self.machine.handle(.ended(1, .exit(0)), now: 0) == [.report(.drained(1))])
        let crash = self.machine.handle(.ended(2, .exit(3)), now: 0)
        #expect(crash == [.report(.crashed(2, .exit(3), waitMilliseconds: 0)), .start(.executable)])
    }

    @Test mutating func oneThatFailsChangesNothing() {
        _ = self.machine.handle(.upgrade, now: 0)
        _ = self.machine.handle(.started(2), now: 0)
        #expect(self.machine.handle(.ended(2, .exit(1)), now: 0) == [.report(.upgradeFailed(.exit(1)))])
        #expect(self.machine.nextDeadline == nil)
        let crash = self.machine.handle(.ended(1, .exit(3)), now: 0)
        #expect(crash == [.report(.crashed(1, .exit(3), waitMilliseconds: 0)), .start(.fork)])
    }

    @Test mutating func oneThatIsNotReadyInTimeIsEnded() {
        _ = self.machine.handle(.upgrade, now: 0)
        _ = self.machine.handle(.started(2), now: 0)
        let limit = SupervisorStateMachine.startLimit
        #expect(self.machine.nextDeadline == limit)
        #expect(self.machine.handle(.tick, now: limit - 1) == [])
        #expect(self.machine.handle(.tick, now: limit) == [.report(.startTakesTooLong(2)), .kill(2)])
        #expect(self.machine.handle(.tick, now: limit + 1) == [])
        let end = self.machine.handle(.ended(2, .signal(SIGKILL)), now: limit + 1)
        #expect(end == [.report(.upgradeFailed(.signal(SIGKILL)))])
    }

    @Test mutating func aSecondOneFollowsTheFirst() {
        _ = self.machine.handle(.upgrade, now: 0)
        _ = self.machine.handle(.started(2), now: 0)
        #expect(self.machine.handle(.upgrade, now: 0) == [.report(.upgradeWaits)])
        #expect(self.machine.handle(.upgrade, now: 0) == [.report(.upgradeWaits)])
        let ready = self.machine.handle(.ready(2), now: 0)
        #expect(ready.suffix(2) == [.report(.upgrading), .start(.executable)])
        _ = self.machine.handle(.started(3), now: 0)
        #expect(self.machine.handle(.ready(3), now: 0) == [.tell(2, .handOver), .report(.handedOver(from: 2, to: 3))])
    }

    @Test mutating func oneDuringTheBackOffDoesNotWait() {
        _ = self.machine.handle(.ended(1, .exit(3)), now: 0)
        _ = self.machine.handle(.started(2), now: 0)
        _ = self.machine.handle(.ended(2, .exit(3)), now: 0)
        #expect(self.machine.nextDeadline == 100)
        #expect(self.machine.handle(.upgrade, now: 0) == [.report(.upgrading), .start(.executable)])
        _ = self.machine.handle(.started(3), now: 0)
        let failure = self.machine.handle(.ended(3, .exit(1)), now: 0)
        let reports: [SupervisorAction] = [
            .report(.upgradeFailed(.exit(1))), .report(.startFailed(.exit(1), waitMilliseconds: 200)),
        ]
        #expect(failure == reports)
        #expect(self.machine.handle(.tick, now: 200) == [.start(.fork)])
    }

    @Test mutating func aCrashMeanwhileLeavesItToTheUpgrade() {
        _ = self.machine.handle(.upgrade, now: 0)
        _ = self.machine.handle(.started(2), now: 0)
        let crash = self.machine.handle(.ended(1, .signal(SIGSEGV)), now: 0)
        #expect(crash == [.report(.crashed(1, .signal(SIGSEGV), waitMilliseconds: 0))])
        #expect(self.machine.nextDeadline == nil, "nobody else can serve: it has all the time it needs")
        #expect(self.machine.handle(.ready(2), now: 0) == [.report(.restarted(2)), .tell(2, .serve)])
    }

    @Test mutating func onlySoManyProcessesFinishAtATime() {
        let most = SupervisorStateMachine.maximumDraining
        for pid in 2..<pid_t(2 + most) {
            _ = self.machine.handle(.upgrade, now: 0)
            _ = self.machine.handle(.started(pid), now: 0)
            _ = self.machine.handle(.ready(pid), now: 0)
        }
        #expect(self.machine.pids.count == most + 1)
        #expect(self.machine.handle(.upgrade, now: 0) == [.report(.upgradeWaits)])
        let end = self.machine.handle(.ended(1, .exit(0)), now: 0)
        #expect(end == [.report(.drained(1)), .report(.upgrading), .start(.executable)])
    }

    @Test mutating func oneAfterTheEndHasBegunIsNothing() {
        _ = self.machine.handle(.terminate(SIGTERM), now: 0)
        #expect(self.machine.handle(.upgrade, now: 0) == [])
        #expect(self.machine.handle(.ended(1, .exit(0)), now: 0) == [.end(.exit(0))])
    }
}
