import Glibc
import Testing

private let lacking: Comment = "this kernel lacks a wall of the sandbox: `edgehost sandbox` names it"

/// `edgehost sandbox`: what a process in the sandbox tried for real.
@Suite(.enabled(if: SandboxReport.isWhole, lacking)) struct SandboxDenialTests {
    /// Also to be in the table, so that none is lost: what a sandboxed process must not do.
    static let denied = [
        "gain rights by executing (no_new_privs)", "dump the memory (dumpable)", "write a core file (limit)",
        "become dumpable again", "raise the limit of core files", "use capabilities of root",
        "read /etc/passwd", "read /etc/shadow", "list /", "list /etc", "list /tmp",
        "list /proc", "read the environment of the process that started this one",
        "make a file in the workers folder", "make a folder in the workers folder", "write a worker's file",
        "move a worker's file", "make a file in /tmp", "make a file beside the data folder",
        "make a link in the data folder", "make a pipe in the data folder",
        "make a Unix socket", "make a packet socket", "make a raw socket", "make a multipath TCP socket",
        "make a kernel crypto socket",
        "make a VM socket", "make an audit socket",
        "make a process", "send a signal to the process that started this one", "send a signal to all processes",
        "have files send signals to another process (F_SETOWN)",
        "read the memory of another process", "map memory to execute", "make memory executable",
        "type into the terminal (TIOCSTI)",
        "make a user namespace", "make a network namespace", "read the limits of another process", "execute /bin/true",
        "call execve", "call execveat", "call ptrace", "call process_vm_readv", "call process_vm_writev",
        "call pidfd_getfd", "call mount", "call umount2", "call move_mount", "call open_tree", "call fsopen",
        "call fsmount", "call pivot_root", "call chroot", "call bpf", "call perf_event_open", "call userfaultfd",
        "call io_uring_setup", "call io_uring_enter", "call io_uring_register", "call init_module",
        "call finit_module", "call delete_module", "call kexec_load", "call kexec_file_load", "call reboot",
        "call swapon", "call swapoff", "call unshare", "call setns", "call keyctl", "call add_key", "call personality",
        "call open_by_handle_at", "call name_to_handle_at", "call setuid", "call setgid", "call setgroups",
        "call capset", "call kcmp", "call quotactl", "call acct", "call fchmodat", "call fchownat", "call setxattr",
        "call clone3", "call what is newer than the filter", "call an x32 number",
    ]
    static let allowed = [
        "list the workers folder", "read a worker's file", "watch the workers folder", "list the secrets folder",
        "write, rename and remove in the data folder", "connect by TCP, and accept", "bind the port of the server",
        "make a UDP socket", "ask the kernel for its addresses", "map memory", "start a thread, and read its state",
        "send itself a signal",
        "draw random numbers",
    ]

    @Test(arguments: Self.denied)
    func isDenied(_ what: String) throws {
        let check = try #require(SandboxReport.ofMachine.get().check(what), "it was not tried")
        #expect(check.expected == "denied")
        #expect(["EPERM", "EACCES", "ENOSYS"].contains(check.got))
        #expect(check.ok)
    }

    @Test(arguments: Self.allowed)
    func isAllowed(_ what: String) throws {
        let check = try #require(SandboxReport.ofMachine.get().check(what), "it was not tried")
        #expect(check.expected == "allowed")
        #expect(check.got == "allowed")
        #expect(check.ok)
    }

    @Test func everyCheckIsAsExpected() throws {
        let report = try SandboxReport.ofMachine.get()
        #expect(report.checks.filter { !$0.ok }.map(\.what) == [])
        #expect(report.ok)
        #expect(report.checks.count > 150)
        #expect(Set(report.checks.map(\.what)).count == report.checks.count)
    }

    @Test(.enabled(if: SandboxReport.landlock >= 4, "Landlock before version 4 does not govern ports"))
    func noOtherPortIsBound() throws {
        let check = try #require(SandboxReport.ofMachine.get().check("bind a TCP port of its own"))
        #expect(check.got == "EACCES")
    }

    #if arch(x86_64)
    @Test func aCallOfTheOtherArchitectureEndsTheProcess() throws {
        let what = "make a call of the other architecture (32-bit)"
        let check = try #require(SandboxReport.ofMachine.get().check(what))
        #expect(check.expected == "ended")
        #expect(check.ok, "\(check.got)")
    }
    #endif

    /// The checks see the difference: without the sandbox they find what it closes.
    @Test func withoutTheSandboxTheSameChecksFindItOpen() throws {
        let report = try SandboxReport(["--no-sandbox"], in: SandboxReport.workspace())
        #expect(report.walls == [])
        #expect(!report.ok)
        for what in [
            "gain rights by executing (no_new_privs)", "dump the memory (dumpable)", "read /etc/passwd", "list /",
            "list /etc", "list /proc",
            "read the environment of the process that started this one", "make a file in the workers folder",
            "make a folder in the workers folder", "write a worker's file",
            "move a worker's file", "make a file in /tmp", "make a file beside the data folder",
            "make a link in the data folder", "make a pipe in the data folder", "make a Unix socket", "make a process",
            "send a signal to the process that started this one", "map memory to execute", "make memory executable",
            "become dumpable again",
        ] {
            #expect(report.check(what)?.got == "allowed", "\(what)")
        }
        #expect(report.check("execute /bin/true")?.got == "it ran")
        for what in Self.allowed {
            #expect(report.check(what)?.ok == true, "\(what)")
        }
    }

    @Test func theTableSaysTheSame() throws {
        let command = try Command(["sandbox"], in: SandboxReport.workspace())
        #expect(command.isSuccess)
        #expect(command.output.hasPrefix("walls: no_new_privs, no core dumps, no capabilities, landlock "))
        #expect(command.output.contains(/\s\sread \/etc\/passwd\s+denied\s\sEACCES\n/))
        #expect(command.output.contains(", 0 not as expected\n"))
    }
}
