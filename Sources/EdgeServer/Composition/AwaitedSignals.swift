import CProcess
import Glibc

/// Signals that one thread waits for: blocked in the thread that makes this and in those it starts later, but while one waits.
///
/// Not a descriptor to poll, as the parent process has: who polls one is woken by every signal of the process, and each thread
/// that runs a guest gets one a millisecond.
struct AwaitedSignals {
    private let set: sigset_t

    /// - Parameter signals: those to take; what is pending already counts.
    init(_ signals: [Int32]) throws(SupervisorError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        self.set = set
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let code = edge_signal_note(&set)
        guard code == 0 else { throw SupervisorError("wait for signals", errno: code) }
    }

    /// Waits until one of the signals has come, or there is something to read from the descriptor, if there is one.
    func wait(orReading descriptor: Int32?) {
        var set = self.set
        var other = pollfd(fd: descriptor ?? -1, events: Int16(POLLIN), revents: 0)
        edge_signal_wait(&set, &other, 1)
    }

    /// The number of one that has come; nil where none has.
    func take() -> Int32? {
        let signal = edge_signal_noted()
        return signal == 0 ? nil : signal
    }

    /// Gives signals their default action again, also those that are pending.
    func release(_ signals: [Int32]) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals {
            Glibc.signal(signal, SIG_DFL)
            sigaddset(&set, signal)
        }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}
