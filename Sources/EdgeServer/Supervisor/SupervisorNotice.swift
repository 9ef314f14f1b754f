import Glibc
import Logging

/// What the parent process tells the operator.
enum SupervisorNotice: Equatable {
    case noProcess(errno: Int32)
    case crashed(pid_t, ProcessEnd, waitMilliseconds: Int)
    case startFailed(ProcessEnd, waitMilliseconds: Int)
    case restarted(pid_t)
    case replacing(pid_t)
    case replacementFailed(ProcessEnd)
    case upgrading
    case upgradeWaits
    case upgradeFailed(ProcessEnd)
    case handedOver(from: pid_t, to: pid_t)
    case startTakesTooLong(pid_t)
    case drained(pid_t)
    case drainFailed(pid_t, ProcessEnd)
    case drainTakesTooLong(pid_t)

    var level: Logger.Level {
        switch self {
        case .restarted, .upgrading, .upgradeWaits, .handedOver, .drained: .info
        case .replacing, .drainFailed, .drainTakesTooLong, .startTakesTooLong: .warning
        case .noProcess, .crashed, .startFailed, .replacementFailed, .upgradeFailed: .error
        }
    }

    var message: Logger.Message {
        switch self {
        case .noProcess: "a server process can't be made"
        case .crashed: "the server process ended: starting another; connections wait"
        case .startFailed: "a server process could not start: trying again; connections wait"
        case .restarted: "a new server process serves"
        case .replacing: "a worker's virtual machine faulted: replacing the server process"
        case .replacementFailed: "the replacement could not start: the process with the fault goes on"
        case .upgrading: "upgrading: starting the executable"
        case .upgradeWaits: "upgrading later: another handover is under way"
        case .upgradeFailed: "the upgrade failed: the new executable could not start, what ran before goes on"
        case .handedOver: "a new server process serves: the old one finishes its requests"
        case .startTakesTooLong: "the new server process is not ready in time: ending it"
        case .drained: "the old server process has finished"
        case .drainFailed: "the old server process ended before it had finished"
        case .drainTakesTooLong: "the old server process does not finish in time: ending it"
        }
    }

    var metadata: Logger.Metadata {
        switch self {
        case .noProcess(let code):
            ["error": "\(String(cString: strerror(code)))"]
        case .crashed(let pid, let end, let wait):
            ["server_pid": "\(pid)", "end": "\(end)", "wait_ms": "\(wait)"]
        case .startFailed(let end, let wait):
            ["end": "\(end)", "wait_ms": "\(wait)"]
        case .drainFailed(let pid, let end):
            ["server_pid": "\(pid)", "end": "\(end)"]
        case .replacementFailed(let end), .upgradeFailed(let end):
            ["end": "\(end)"]
        case .handedOver(let old, let new):
            ["server_pid": "\(new)", "old_pid": "\(old)"]
        case .restarted(let pid), .replacing(let pid), .startTakesTooLong(let pid), .drained(let pid),
            .drainTakesTooLong(let pid):
            ["server_pid": "\(pid)"]
        case .upgrading, .upgradeWaits:
            [:]
        }
    }
}
