import CProcess
import Glibc

/// Signals as a descriptor to poll: blocked in this thread and in those it starts later, and taken one at a time.
struct SignalDescriptor {
    let descriptor: Int32
    private let signals: [Int32]

    /// - Parameter signals: those to take; what is pending already counts.
    init(_ signals: [Int32]) throws(SupervisorError) {
        self.signals = signals
        var set = Self.set(signals)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        self.descriptor = edge_signal_descriptor(&set)
        guard self.descriptor >= 0 else { throw SupervisorError("wait for signals", errno: errno) }
    }

    /// The number of a pending signal; nil where there is none.
    func take() -> Int32? {
        let signal = edge_signal_take(self.descriptor)
        return signal == 0 ? nil : signal
    }

    func close() {
        _ = Glibc.close(self.descriptor)
    }

    private static func set(_ signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }
}
