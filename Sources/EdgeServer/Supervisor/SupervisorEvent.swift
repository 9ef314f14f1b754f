import Glibc

/// What the parent process learns.
enum SupervisorEvent: Equatable {
    case begin
    /// The start that was asked for last has made this process.
    case started(pid_t)
    /// The start that was asked for last made no process.
    case startFailed(errno: Int32)
    /// A process serves, or will when told.
    case ready(pid_t)
    /// A process accepts no connection any more.
    case released(pid_t)
    /// A worker's virtual machine faulted in a process.
    case faulted(pid_t)
    case ended(pid_t, ProcessEnd)
    /// SIGHUP: load the workers again.
    case reload
    /// SIGUSR2: hand over to the new executable.
    case upgrade
    /// SIGTERM or SIGINT.
    case terminate(Int32)
    /// Time has passed.
    case tick
}

/// What the parent process does next.
enum SupervisorAction: Equatable {
    /// Answered by a `started` or a `startFailed`.
    case start(SupervisorProgram)
    case tell(pid_t, ControlMessage)
    case kill(pid_t)
    case report(SupervisorNotice)
    /// Let go of the listening socket: connections are refused once the server processes have closed theirs.
    case stopListening
    /// All children are gone: end as one of them did.
    case end(ProcessEnd)
}

/// What a server process runs.
enum SupervisorProgram: Equatable {
    /// The code of the parent, in a fork of it.
    case fork
    /// The file that lies at the executable's path by now.
    case executable
}
