import Glibc

/// How a process ended.
enum ProcessEnd: Equatable, Sendable, CustomStringConvertible {
    case exit(Int32)
    case signal(Int32)

    /// - Parameter status: as waitpid(2) gives it.
    init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exit(status >> 8 & 0xff) : .signal(signal)
    }

    var description: String {
        switch self {
        case .exit(let status): "exit status \(status)"
        case .signal(let signal): "signal \(signal) (\(String(cString: strsignal(signal))))"
        }
    }
}

extension ProcessEnd {
    /// Ends this process as the other one ended, so far as it was by a signal; otherwise the status to exit with.
    func statusAfterRaising() -> Int32 {
        switch self {
        case .exit(let status):
            return status
        case .signal(let signal):
            Glibc.signal(signal, SIG_DFL)
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, signal)
            pthread_sigmask(SIG_UNBLOCK, &set, nil)
            raise(signal)
            // Some signals don't end the first process of a container: the shell's number for it.
            return 128 + signal
        }
    }
}
