import Glibc

/// The decisions of the parent process. A value type without a clock: time comes from outside, in ms since any moment.
///
/// At most one process serves, at most one is being started, and a few that were taken over from finish their requests.
struct SupervisorStateMachine {
    /// Time between two replacements because of faults: a worker that faults in each request must not make the process flap.
    static let replacementInterval = 10_000
    /// A process that is to take over from another is ready in this time.
    static let startLimit = 120_000
    /// A process that was taken over from stops accepting connections in this time. The next one accepts only then: NIO does
    /// not expect that another process takes a connection it was woken for.
    static let releaseLimit = 2000
    /// A process that was taken over from ends in this time; by itself it does so in about 30 s.
    static let drainLimit = 90_000
    /// Processes that finish their requests; a handover waits while there are so many.
    static let maximumDraining = 4

    private enum Purpose {
        case first
        case restart
        case replacement
        case upgrade
    }

    /// A process that is being started.
    private struct Candidate {
        let purpose: Purpose
        let program: SupervisorProgram
        let since: Int
        /// nil until the start has been carried out.
        var pid: pid_t?
        var hasFaulted = false
        var isKilled = false
    }

    private struct Serving {
        let pid: pid_t
        let since: Int
        /// The process that has to stop accepting before this one begins.
        var waitsFor: pid_t?
    }

    private struct Draining {
        let pid: pid_t
        let since: Int
        var isKilled = false
    }

    private enum Stopping {
        case no
        case graceful
        /// By a second signal, which the parent then dies of.
        case now(Int32)
    }

    private var serving: Serving?
    private var candidate: Candidate?
    private var draining: [Draining] = []
    private var stopping = Stopping.no
    /// How the process that served last ended.
    private var lastEnd = ProcessEnd.exit(0)
    /// What restarts and replacements run: the executable once an upgrade went well.
    private var program = SupervisorProgram.fork
    private var backoff = RestartBackoff()
    /// When the next process is started; only looked at while none serves.
    private var restartAt = 0
    private var wantsUpgrade = false
    private var wantsReplacement = false
    private var nextReplacementAt = 0
    private var actions: [SupervisorAction] = []

    mutating func handle(_ event: SupervisorEvent, now: Int) -> [SupervisorAction] {
        switch event {
        case .begin: self.start(.first, .fork, now)
        case .started(let pid): self.started(pid)
        case .startFailed(let code):
            self.actions.append(.report(.noProcess(errno: code)))
            self.candidateFailed(.exit(1), now)
        case .ready(let pid): self.ready(pid, now)
        case .released(let pid): self.released(pid)
        case .faulted(let pid): self.faulted(pid)
        case .ended(let pid, let end): self.ended(pid, end, now)
        case .reload: self.tellServing(.reload)
        case .upgrade: self.upgrade()
        case .terminate(let signal): self.terminate(signal)
        case .tick: self.enforceLimits(now)
        }
        self.settle(now)
        defer { self.actions = [] }
        return self.actions
    }

    private var isStopping: Bool {
        if case .no = self.stopping { false } else { true }
    }

    /// When the next tick is due; nil where only an event changes anything.
    var nextDeadline: Int? {
        guard !self.isStopping else { return nil }
        var times = self.draining.filter { !$0.isKilled }.map { $0.since + Self.drainLimit }
        if let serving = self.serving, serving.waitsFor != nil { times.append(serving.since + Self.releaseLimit) }
        if let candidate = self.candidate {
            if self.hasStartLimit(candidate) { times.append(candidate.since + Self.startLimit) }
        } else if self.serving == nil {
            times.append(self.restartAt)
        } else if self.wantsReplacement, self.mayHandOver {
            times.append(self.nextReplacementAt)
        }
        return times.min()
    }

    /// All processes there are.
    var pids: [pid_t] {
        [self.serving?.pid, self.candidate?.pid].compactMap { $0 } + self.draining.map(\.pid)
    }
}

// MARK: - Starts
extension SupervisorStateMachine {
    private var mayHandOver: Bool {
        self.draining.count < Self.maximumDraining
    }

    private mutating func start(_ purpose: Purpose, _ program: SupervisorProgram, _ now: Int) {
        precondition(self.candidate == nil, "one process is started at a time")
        self.candidate = Candidate(purpose: purpose, program: program, since: now)
        self.actions.append(.start(program))
    }

    /// Starts what is wanted and due.
    private mutating func settle(_ now: Int) {
        guard !self.isStopping, self.candidate == nil else { return }
        if self.wantsUpgrade, self.mayHandOver {
            self.wantsUpgrade = false
            self.actions.append(.report(.upgrading))
            self.start(.upgrade, .executable, now)
        } else if let serving = self.serving {
            guard self.wantsReplacement, self.mayHandOver, now >= self.nextReplacementAt else { return }
            self.wantsReplacement = false
            self.nextReplacementAt = now + Self.replacementInterval
            self.actions.append(.report(.replacing(serving.pid)))
            self.start(.replacement, self.program, now)
        } else if now >= self.restartAt {
            self.start(.restart, self.program, now)
        }
    }

    private mutating func started(_ pid: pid_t) {
        precondition(self.candidate?.pid == nil, "a start makes one process")
        self.candidate?.pid = pid
        if case .graceful = self.stopping { self.actions.append(.tell(pid, .stop)) }
        if case .now = self.stopping { self.actions.append(.kill(pid)) }
    }

    private mutating func ready(_ pid: pid_t, _ now: Int) {
        guard let candidate = self.candidate, candidate.pid == pid else { return }
        self.candidate = nil
        // It has just handed its socket to the parent.
        if self.isStopping { self.actions.append(.stopListening) }
        if candidate.purpose == .upgrade { self.program = candidate.program }
        if let old = self.serving {
            self.draining.append(Draining(pid: old.pid, since: now))
            self.actions.append(.tell(old.pid, .handOver))
            self.actions.append(.report(.handedOver(from: old.pid, to: pid)))
        } else if candidate.purpose != .first {
            self.actions.append(.report(.restarted(pid)))
        }
        let old = self.serving?.pid
        self.serving = Serving(pid: pid, since: now, waitsFor: old)
        if old == nil { self.actions.append(.tell(pid, .serve)) }
        self.wantsReplacement = candidate.hasFaulted
    }

    /// Also of a process that has ended.
    private mutating func released(_ pid: pid_t) {
        guard let serving = self.serving, serving.waitsFor == pid else { return }
        self.serving?.waitsFor = nil
        self.actions.append(.tell(serving.pid, .serve))
    }

    private mutating func candidateFailed(_ end: ProcessEnd, _ now: Int) {
        guard let candidate = self.candidate else { return }
        self.candidate = nil
        guard !self.isStopping else {
            if self.serving == nil { self.lastEnd = end }
            return self.endIfAlone()
        }
        if candidate.purpose == .first {
            // It has said why; the parent has nothing to add.
            self.stopping = .graceful
            return self.actions.append(.end(end))
        }
        if candidate.purpose == .upgrade { self.actions.append(.report(.upgradeFailed(end))) }
        if self.serving == nil {
            let wait = self.backoff.wait(lived: 0)
            self.restartAt = now + wait
            self.actions.append(.report(.startFailed(end, waitMilliseconds: wait)))
        } else if candidate.purpose == .replacement {
            self.wantsReplacement = true
            self.actions.append(.report(.replacementFailed(end)))
        }
    }
}

// MARK: - Faults, upgrades, ends
extension SupervisorStateMachine {
    private mutating func faulted(_ pid: pid_t) {
        if self.serving?.pid == pid {
            // Forgotten when one that is being started takes over.
            self.wantsReplacement = true
        } else if self.candidate?.pid == pid {
            self.candidate?.hasFaulted = true
        }
    }

    private mutating func upgrade() {
        guard !self.isStopping else { return }
        self.wantsUpgrade = true
        if self.candidate != nil || !self.mayHandOver { self.actions.append(.report(.upgradeWaits)) }
    }

    private mutating func ended(_ pid: pid_t, _ end: ProcessEnd, _ now: Int) {
        if let serving = self.serving, serving.pid == pid {
            self.serving = nil
            self.lastEnd = end
            self.servingEnded(serving, end, now)
        } else if self.candidate?.pid == pid {
            self.candidateFailed(end, now)
        } else if let index = self.draining.firstIndex(where: { $0.pid == pid }) {
            self.draining.remove(at: index)
            self.released(pid)
            self.actions.append(.report(end == .exit(0) ? .drained(pid) : .drainFailed(pid, end)))
            self.endIfAlone()
        }
    }

    private mutating func servingEnded(_ serving: Serving, _ end: ProcessEnd, _ now: Int) {
        guard !self.isStopping else { return self.endIfAlone() }
        self.wantsReplacement = false
        let wait = self.candidate == nil ? self.backoff.wait(lived: now - serving.since) : 0
        self.restartAt = now + wait
        self.actions.append(.report(.crashed(serving.pid, end, waitMilliseconds: wait)))
    }

    private mutating func terminate(_ signal: Int32) {
        switch self.stopping {
        case .no:
            self.stopping = .graceful
            self.actions.append(.stopListening)
            for pid in self.pids { self.actions.append(.tell(pid, .stop)) }
            self.endIfAlone()
        case .graceful:
            self.stopping = .now(signal)
            for pid in self.pids { self.actions.append(.kill(pid)) }
        case .now:
            break
        }
    }

    private mutating func endIfAlone() {
        guard self.serving == nil, self.candidate == nil, self.draining.isEmpty else { return }
        switch self.stopping {
        case .no: break
        case .graceful: self.actions.append(.end(self.lastEnd))
        case .now(let signal): self.actions.append(.end(.signal(signal)))
        }
    }

    private mutating func tellServing(_ message: ControlMessage) {
        for pid in [self.serving?.pid, self.candidate?.pid] {
            if let pid { self.actions.append(.tell(pid, message)) }
        }
    }

    /// The first start and a restart may take their time: there is nobody else to serve.
    private func hasStartLimit(_ candidate: Candidate) -> Bool {
        self.serving != nil && !candidate.isKilled
    }

    private mutating func enforceLimits(_ now: Int) {
        guard !self.isStopping else { return }
        if let serving = self.serving, let old = serving.waitsFor, now >= serving.since + Self.releaseLimit {
            self.released(old)
        }
        if let candidate = self.candidate, let pid = candidate.pid, self.hasStartLimit(candidate),
            now >= candidate.since + Self.startLimit
        {
            self.candidate?.isKilled = true
            self.actions += [.report(.startTakesTooLong(pid)), .kill(pid)]
        }
        for index in self.draining.indices {
            let old = self.draining[index]
            guard !old.isKilled, now >= old.since + Self.drainLimit else { continue }
            self.draining[index].isKilled = true
            self.actions += [.report(.drainTakesTooLong(old.pid)), .kill(old.pid)]
        }
    }
}
