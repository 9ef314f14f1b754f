import Glibc
import Testing

@testable import EdgeServer

/// Whatever happens in whatever order, the parent keeps its promises.
@Suite struct SupervisorRandomTests {
    /// A world of processes that do what they are told, or die, in an order drawn from a seed.
    private struct World {
        enum Phase {
            case starting
            case waiting
            case accepting
            case draining
        }

        let seed: UInt64
        var machine = SupervisorStateMachine()
        var random: SplitMix
        var now = 0
        var processes: [pid_t: Phase] = [:]
        var started: pid_t = 0
        var isTerminated = false
        var end: ProcessEnd?

        init(seed: UInt64) {
            self.seed = seed
            self.random = SplitMix(state: seed)
            self.handle(.begin)
        }

        mutating func handle(_ event: SupervisorEvent) {
            var events = [event]
            while !events.isEmpty {
                let event = events.removeFirst()
                #expect(self.end == nil, "seed \(self.seed): nothing comes after the end")
                for action in self.machine.handle(event, now: self.now) {
                    events += self.perform(action)
                }
            }
        }

        private mutating func perform(_ action: SupervisorAction) -> [SupervisorEvent] {
            switch action {
            case .start:
                #expect(!self.isTerminated, "seed \(self.seed): nothing is started after a signal to end")
                #expect(
                    !self.processes.values.contains(.starting),
                    "seed \(self.seed): one process is started at a time"
                )
                if self.started > 0, Int.random(in: 0..<20, using: &self.random) == 0 {
                    return [.startFailed(errno: EAGAIN)]
                }
                self.started += 1
                self.processes[self.started] = .starting
                return [.started(self.started)]
            case .tell(let pid, .serve):
                #expect(self.processes[pid] == .waiting || self.isTerminated, "seed \(self.seed): \(pid) is told once")
                if self.processes[pid] == .waiting { self.processes[pid] = .accepting }
            case .tell(let pid, .handOver), .tell(let pid, .stop):
                if self.processes[pid] != .starting { self.processes[pid] = .draining }
            case .kill(let pid):
                #expect(self.processes[pid] != nil, "seed \(self.seed)")
            case .end(let end):
                #expect(self.processes.isEmpty, "seed \(self.seed): nobody is left behind")
                self.end = end
            case .tell, .report, .stopListening:
                break
            }
            return []
        }

        /// One thing that can happen now.
        mutating func step() {
            self.now += Int.random(in: 0..<3000, using: &self.random)
            let pids = self.processes.keys.sorted()
            guard let pid = pids.randomElement(using: &self.random), let phase = self.processes[pid] else {
                return self.passTime()
            }
            switch Int.random(in: 0..<12, using: &self.random) {
            case 0: self.handle(.upgrade)
            case 1: self.handle(.reload)
            case 2: self.handle(.faulted(pid))
            case 3: self.finish(pid, .signal(SIGKILL))
            case 4: self.passTime()
            default: self.proceed(pid, phase)
            }
        }

        private mutating func passTime() {
            guard let deadline = self.machine.nextDeadline else { return }
            self.now = max(self.now, deadline)
            self.handle(.tick)
        }

        mutating func proceed(_ pid: pid_t, _ phase: Phase) {
            switch phase {
            case .starting:
                self.processes[pid] = self.isTerminated ? .draining : .waiting
                self.handle(.ready(pid))
            case .draining:
                self.handle(.released(pid))
                self.finish(pid, .exit(0))
            case .waiting, .accepting:
                self.handle(.tick)
            }
        }

        private mutating func finish(_ pid: pid_t, _ end: ProcessEnd) {
            // The first one has to serve: its failure is the end.
            guard pid > 1 || self.processes[pid] != .starting else { return }
            self.processes[pid] = nil
            self.handle(.ended(pid, end))
        }
    }

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = self.state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    @Test func promisesHoldInAnyOrder() {
        let base = UInt64.random(in: 0..<1 << 32)
        for seed in base..<base + 200 {
            var world = World(seed: seed)
            for _ in 0..<300 {
                world.step()
                #expect(Set(world.machine.pids) == Set(world.processes.keys), "seed \(seed)")
                #expect(world.processes.count <= SupervisorStateMachine.maximumDraining + 2, "seed \(seed)")
                let isServed = world.processes.contains { $0.value != .draining }
                #expect(isServed || world.machine.nextDeadline != nil, "seed \(seed): another start is planned")
            }
            world.isTerminated = true
            world.handle(.terminate(SIGTERM))
            while world.end == nil, let (pid, phase) = world.processes.first { world.proceed(pid, phase) }
            #expect(world.end != nil, "seed \(seed)")
        }
    }
}
