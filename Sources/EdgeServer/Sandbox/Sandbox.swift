import CProcess
import Glibc

/// What the kernel says of itself.
struct KernelSupport: Sendable {
    /// The version of Landlock, or the negated number of an error.
    var landlock = edge_landlock_version()
    /// 0, or the number of an error.
    var seccomp = edge_seccomp_support()
}

/// The walls that stand around this process.
struct Sandbox: Sendable, Equatable {
    /// In the order they were built.
    var walls: [String] = []
    /// What this kernel, or this place in the process's life, does not allow; each with its reason.
    var missing: [String] = []

    private static let filter = "seccomp"

    /// Whether system calls are filtered.
    var isFiltered: Bool { self.walls.contains(Self.filter) }

    /// For the log: what stands, or that nothing does.
    var text: String {
        self.walls.isEmpty ? "off" : self.walls.joined(separator: ", ")
    }

    /// Gives up rights for good: all walls but the filter of system calls. To be called while the process has one thread, when
    /// all paths of the policy exist, and before anything in them is opened.
    /// - Throws: ``SandboxError`` when a wall is required that the kernel lacks; what stands by then stays.
    static func confine(
        _ policy: SandboxPolicy,
        mode: SandboxMode,
        kernel: KernelSupport = KernelSupport()
    ) throws -> Sandbox {
        var sandbox = Sandbox()
        guard mode != .off else { return sandbox }
        if mode == .required {
            try self.check(kernel)
        }
        sandbox.build("no_new_privs", edge_forbid_new_privileges())
        sandbox.build("no core dumps", edge_forbid_core_dumps())
        // Before the filter, which denies it.
        sandbox.build("no capabilities", edge_drop_capabilities())
        sandbox.enforceLandlock(policy, version: kernel.landlock)
        try sandbox.check(mode)
        return sandbox
    }

    /// Builds the last wall, for all threads there are: the kernel takes long to compile it, so that a server starts what
    /// needs no worker meanwhile. To be called once ``confine(_:mode:kernel:)`` has returned, before a worker is read.
    /// - Throws: ``SandboxError`` when a wall is required and one is missing.
    consuming func filter(_ mode: SandboxMode) throws -> Sandbox {
        guard mode != .off else { return self }
        self.build(Self.filter, edge_seccomp_enforce())
        try self.check(mode)
        return self
    }

    private func check(_ mode: SandboxMode) throws {
        if mode == .required, !self.missing.isEmpty {
            throw SandboxError.incomplete(self.missing)
        }
    }

    /// Before anything is given up.
    private static func check(_ kernel: KernelSupport) throws {
        var missing: [String] = []
        if kernel.landlock < 0 { missing.append(self.reason("landlock", -kernel.landlock)) }
        if kernel.seccomp != 0 { missing.append(self.reason(self.filter, kernel.seccomp)) }
        guard missing.isEmpty else { throw SandboxError.incomplete(missing) }
    }

    private mutating func build(_ wall: String, _ code: Int32) {
        if code == 0 {
            self.walls.append(wall)
        } else {
            self.missing.append(Self.reason(wall, code))
        }
    }

    private mutating func enforceLandlock(_ policy: SandboxPolicy, version: Int32) {
        guard version > 0 else { return self.build("landlock", -version) }
        // It holds for the calling thread and those it starts: the others would be outside.
        guard Self.threadCount <= 1 else {
            self.missing.append("landlock: other threads are running already")
            return
        }
        let rules = edge_landlock_create(version)
        guard rules >= 0 else { return self.build("landlock", -rules) }
        defer { close(rules) }
        for grant in policy.grants {
            let code = edge_landlock_allow_path(rules, version, grant.path, grant.access.right)
            // What does not exist needs no rule; a closed folder is closed with one, too.
            if code != 0, ![ENOENT, ENOTDIR, EACCES, ELOOP].contains(code) {
                self.missing.append(Self.reason("landlock: \(grant.path)", code))
            }
        }
        let code = edge_landlock_allow_bind(rules, version, policy.bindPort)
        self.build("landlock \(version)", code == 0 ? edge_landlock_enforce(rules) : code)
    }

    /// The threads of this process: its task folder has a link for each beside its own two. 1 where nobody can tell.
    private static var threadCount: Int {
        var status = stat()
        guard stat("/proc/self/task", &status) == 0 else { return 1 }
        return Int(status.st_nlink) - 2
    }

    private static func reason(_ wall: String, _ code: Int32) -> String {
        let detail =
            switch code {
            case ENOSYS: "this kernel does not have it"
            case EOPNOTSUPP: "it is switched off in this kernel"
            default: String(cString: strerror(code))
            }
        return "\(wall): \(detail)"
    }
}
