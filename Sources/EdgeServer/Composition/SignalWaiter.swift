import Glibc

/// The signals that steer the server, taken one at a time by the thread that waits for them.
struct SignalWaiter {
    private var set = sigset_t()

    /// Blocks the signals in this thread and in all threads it starts later, so that only ``next()`` takes them.
    init() {
        sigemptyset(&self.set)
        for signal in [SIGTERM, SIGINT, SIGHUP] {
            sigaddset(&self.set, signal)
        }
        pthread_sigmask(SIG_BLOCK, &self.set, nil)
    }

    func next() -> Int32 {
        var set = self.set
        var signal: Int32 = 0
        while sigwait(&set, &signal) != 0 {}
        return signal
    }

    /// Lets SIGTERM and SIGINT have their default action again: a second one ends a shutdown that hangs. SIGHUP has nothing
    /// to load any more; its default would cut the requests in flight short.
    func release() {
        Glibc.signal(SIGHUP, SIG_IGN)
        var set = self.set
        for signal in [SIGTERM, SIGINT] {
            Glibc.signal(signal, SIG_DFL)
        }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}
