import CProcess
import Glibc
import Logging

/// The parent of the server processes: holds the listening socket and the store's lock, starts a process in the place of
/// one that died, and hands over to another one on request. It has one thread, opens no store and serves no request, so that
/// nothing a client or a script does reaches it, and so that it can fork at any time.
struct Supervisor {
    private struct Child {
        let pid: pid_t
        var control: ControlSocket
        /// Whether there may be more to read.
        var isConnected = true
    }

    private var machine = SupervisorStateMachine()
    private var children: [Child] = []
    /// What the next server process inherits.
    private var listener: Int32?
    private var lock: Int32?
    private let signals: SignalDescriptor
    /// Found when the first server process is on its way, which needs none of it.
    private lazy var executable = ExecutablePath.resolve(CommandLine.arguments[0])
    /// A log that nobody reads must not keep it from its work.
    private lazy var logger = {
        let lines = ImpatientLines(.error)
        return Logger(label: "edgehost") { _ in LineLogHandler { lines.line($0) } }
    }()
    private let serve: (SupervisorLink) -> Int32
    /// How the last server process ended; nil until all have.
    private var end: ProcessEnd?

    /// Starts a server process and looks after it, and those in its place, until all have ended for good.
    ///
    /// To be called while the process has one thread.
    ///
    /// - Parameter serve: what a server process does; it gives the status to exit with.
    static func run(_ serve: @escaping (SupervisorLink) -> Int32) throws(SupervisorError) -> ProcessEnd {
        signal(SIGPIPE, SIG_IGN)
        // One who starts this may have it ignored, and then no end would be told.
        signal(SIGCHLD, SIG_DFL)
        var supervisor = try Supervisor(serve)
        return supervisor.run()
    }

    private init(_ serve: @escaping (SupervisorLink) -> Int32) throws(SupervisorError) {
        self.serve = serve
        self.signals = try SignalDescriptor([SIGTERM, SIGINT, SIGHUP, SIGUSR2, SIGCHLD])
    }

    private mutating func run() -> ProcessEnd {
        self.handle(.begin)
        // Now, because another file may lie at that path at the time of an upgrade.
        _ = self.executable
        while true {
            if let end = self.end { return end }
            self.wait()
            // Before the ends: what a process said last comes first.
            for child in self.children { self.readMessages(of: child.pid) }
            while let signal = self.signals.take() { self.take(signal) }
            self.handle(.tick)
        }
    }

    private func wait() {
        var descriptors = [pollfd(fd: self.signals.descriptor, events: Int16(POLLIN), revents: 0)]
        for child in self.children where child.isConnected {
            descriptors.append(pollfd(fd: child.control.descriptor, events: Int16(POLLIN), revents: 0))
        }
        let timeout = self.machine.nextDeadline.map { Int32(clamping: max(0, $0 - Self.now())) } ?? -1
        poll(&descriptors, nfds_t(descriptors.count), timeout)
    }

    private mutating func handle(_ event: SupervisorEvent) {
        var events = [event]
        while !events.isEmpty {
            for action in self.machine.handle(events.removeFirst(), now: Self.now()) {
                if let next = self.perform(action) { events.append(next) }
            }
        }
    }

    private mutating func perform(_ action: SupervisorAction) -> SupervisorEvent? {
        switch action {
        case .start(let program):
            return self.start(program)
        case .tell(let pid, let message):
            // One that does not read is told by a signal instead, except to reload: that request is among those it has not read.
            if self.child(pid)?.control.send(message) != true, message != .reload { kill(pid, SIGTERM) }
        case .kill(let pid):
            kill(pid, SIGKILL)
        case .report(let notice):
            self.logger.log(level: notice.level, notice.message, metadata: notice.metadata)
        case .stopListening:
            if let listener = self.listener { close(listener) }
            self.listener = nil
        case .end(let end):
            self.end = end
        }
        return nil
    }

    private func child(_ pid: pid_t) -> Child? {
        self.children.first { $0.pid == pid }
    }

    private mutating func take(_ signal: Int32) {
        switch signal {
        case SIGCHLD: self.reap()
        case SIGHUP: self.handle(.reload)
        case SIGUSR2: self.handle(.upgrade)
        default: self.handle(.terminate(signal))
        }
    }

    private mutating func readMessages(of pid: pid_t) {
        while let child = self.child(pid), child.isConnected {
            switch child.control.receive() {
            case .message(.ready, let descriptors) where descriptors.count == 2:
                self.inherit(listener: descriptors[0], lock: descriptors[1])
                self.handle(.ready(pid))
            case .message(.released, _):
                self.handle(.released(pid))
            case .message(.faulted, _):
                self.handle(.faulted(pid))
            case .message(_, let descriptors):
                for descriptor in descriptors { close(descriptor) }
            case .nothing:
                return
            case .end:
                for index in self.children.indices where self.children[index].pid == pid {
                    self.children[index].isConnected = false
                }
            }
        }
    }

    private mutating func inherit(listener: Int32, lock: Int32) {
        for descriptor in [self.listener, self.lock] {
            if let descriptor { close(descriptor) }
        }
        (self.listener, self.lock) = (listener, lock)
    }

    private mutating func reap() {
        var status: Int32 = 0
        while true {
            let pid = waitpid(-1, &status, WNOHANG)
            guard pid > 0 else { return }
            // As the first process of a container the parent is given strangers, too.
            guard let child = self.child(pid) else { continue }
            self.readMessages(of: pid)
            self.children.removeAll { $0.pid == pid }
            child.control.close()
            self.handle(.ended(pid, ProcessEnd(waitStatus: status)))
        }
    }

    /// Ms since any moment.
    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}

// MARK: - Starting a process
extension Supervisor {
    private mutating func start(_ program: SupervisorProgram) -> SupervisorEvent {
        guard let (ours, theirs) = try? ControlSocket.pair() else { return .startFailed(errno: errno) }
        let executable = program == .executable ? self.executable : nil
        let pid = Fork.make {
            ours.close()
            return self.becomeServer(executable, theirs)
        }
        let code = errno
        theirs.close()
        guard pid > 0 else {
            ours.close()
            return .startFailed(errno: code)
        }
        self.children.append(Child(pid: pid, control: ours))
        return .started(pid)
    }

    /// In the new process: lets go of what is the parent's, and serves, or gives way to an executable that does.
    private func becomeServer(_ executable: String?, _ control: ControlSocket) -> Int32 {
        for child in self.children { child.control.close() }
        self.signals.close()
        let link = SupervisorLink(control: control, listener: self.listener, lock: self.lock)
        guard let executable else { return self.serve(link) }
        link.bequeath()
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv(executable, &arguments)
        ImpatientLines(.error).line("edgehost: can't start \(executable): \(String(cString: strerror(errno)))")
        return 1
    }
}
