import Glibc

/// What steers the server, taken one order at a time by the thread that waits for it: signals, and below a parent process
/// its messages.
struct SignalWaiter {
    enum Order: Equatable {
        /// Load the workers again.
        case reload
        /// Finish.
        case stop
        /// Finish gently: another process has the listening socket.
        case handOver
    }

    private let signals: AwaitedSignals
    private let link: SupervisorLink?

    /// Blocks the signals in this thread and in all threads it starts later, so that only ``next()`` takes them.
    ///
    /// - Parameter link: to the parent process, if there is one. It then takes the signals of the terminal, which reach all
    ///   processes of a group: one Ctrl-C must not count twice.
    init(_ link: SupervisorLink?) throws(SupervisorError) {
        self.link = link
        Glibc.signal(SIGUSR2, SIG_IGN)
        if link != nil { Glibc.signal(SIGINT, SIG_IGN) }
        self.signals = try AwaitedSignals(link == nil ? [SIGTERM, SIGINT, SIGHUP] : [SIGTERM, SIGHUP])
    }

    func next() -> Order {
        while true {
            // First, because a message may wait in the link.
            if let order = self.message() ?? self.signal() { return order }
            self.signals.wait(orReading: self.link?.control.descriptor)
        }
    }

    private func signal() -> Order? {
        self.signals.take().map { $0 == SIGHUP ? .reload : .stop }
    }

    private func message() -> Order? {
        switch self.link?.receive() {
        case .message(.reload, _): .reload
        case .message(.handOver, _): .handOver
        // Nobody looks after this process any more, and the next service wants its port.
        case .message(.stop, _), .end: .stop
        case .message, .nothing, nil: nil
        }
    }

    /// Lets SIGTERM and SIGINT have their default action again: a second one ends a shutdown that hangs. SIGHUP has nothing
    /// to load any more; its default would cut the requests in flight short. Below a parent that counts the signals, none
    /// does anything any more.
    func release() {
        Glibc.signal(SIGHUP, SIG_IGN)
        if self.link == nil { self.signals.release([SIGTERM, SIGINT]) }
    }
}
