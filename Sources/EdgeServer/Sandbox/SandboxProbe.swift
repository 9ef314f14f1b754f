import CProcess
import Glibc

/// Tries, inside a sandbox, what it denies and what it allows, for real. What is tried does no harm where it is not denied: it
/// has arguments that lead nowhere, or is undone at once.
struct SandboxProbe {
    let options: ResolvedOptions
    let sandbox: Sandbox
    /// The descriptor of a socket that listens since before the sandbox, and its port.
    let listener: (descriptor: Int32, port: UInt16)
    private let report: (SandboxCheck) -> Void

    init(
        _ options: ResolvedOptions,
        in sandbox: Sandbox,
        listener: (Int32, UInt16),
        report: @escaping (SandboxCheck) -> Void
    ) {
        self.options = options
        self.sandbox = sandbox
        self.listener = listener
        self.report = report
    }

    /// All checks. The last two may end the process, which tells whoever reads the report how they went.
    func run() {
        self.checkRights()
        self.checkDeniedFiles()
        self.checkAllowedFiles()
        self.checkNetwork()
        self.checkProcesses()
        self.checkCalls()
        self.deny(Self.execution) { Self.execute() }
        // Never gets here where foreign calls are filtered.
        if edge_try_foreign_call() {
            self.report(SandboxCheck(Self.foreignCall, .ended, got: "allowed", false))
        }
    }

    static let execution = "execute /bin/true"
    static let foreignCall = "make a call of the other architecture (32-bit)"

    /// Calls the body, which returns 0 or the number of an error. Denied is what fails for want of a right.
    func deny(_ what: String, as codes: Set<Int32> = [EPERM, EACCES], _ body: () -> Int32) {
        let code = body()
        self.report(SandboxCheck(what, .denied, got: Self.name(code), codes.contains(code)))
    }

    func allow(_ what: String, _ body: () -> Int32) {
        let code = body()
        self.report(SandboxCheck(what, .allowed, got: Self.name(code), code == 0))
    }

    private func checkRights() {
        self.deny("gain rights by executing (no_new_privs)") { edge_has_no_new_privileges() ? EPERM : 0 }
        self.deny("dump the memory (dumpable)") { edge_is_dumpable() ? 0 : EPERM }
        self.deny("write a core file (limit)") {
            var limit = rlimit()
            return getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 && limit.rlim_max == 0 ? EPERM : 0
        }
        self.deny("become dumpable again") { edge_try_call(Int(EDGE_CALL_PRCTL), Int(EDGE_SET_DUMPABLE), 1, 0) }
        self.deny("raise the limit of core files") {
            let limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
            return Self.code(setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), [limit]))
        }
        self.deny("use capabilities of root") { edge_capabilities_are_dropped() ? EPERM : 0 }
    }

    /// 0, or errno where the result says that a call failed.
    static func code(_ result: Int32) -> Int32 {
        result >= 0 ? 0 : errno
    }

    /// Closes what an open gave.
    static func opened(_ descriptor: Int32) -> Int32 {
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        return 0
    }

    private static func execute() -> Int32 {
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        defer { free(arguments[0]) }
        execv("/bin/true", &arguments)
        return errno
    }

    private static func name(_ code: Int32) -> String {
        switch code {
        case 0: "allowed"
        case EPERM: "EPERM"
        case EACCES: "EACCES"
        case ENOSYS: "ENOSYS"
        default: "\(String(cString: strerror(code))) (\(code))"
        }
    }
}
