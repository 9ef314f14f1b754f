import CProcess
import Glibc

/// What the filter of system calls decides.
extension SandboxProbe {
    func checkProcesses() {
        self.deny("make a process") {
            let child = Fork.make { _exit(0) }
            if child > 0 { waitpid(child, nil, 0) }
            return Self.code(child)
        }
        self.deny("send a signal to the process that started this one") { Self.code(kill(getppid(), 0)) }
        self.deny("send a signal to all processes") { Self.code(kill(-1, 0)) }
        self.deny("have files send signals to another process (F_SETOWN)") {
            edge_try_call(Int(EDGE_CALL_FCNTL), -1, Int(EDGE_SET_SIGNAL_OWNER), Int(getppid()))
        }
        // Not attached first: where it is not denied there is nothing to read.
        self.deny("read the memory of another process") {
            edge_try_call(Int(EDGE_CALL_PTRACE), Int(EDGE_PEEK_DATA), Int(getppid()), 0)
        }
        self.deny("map memory to execute") { Self.map(PROT_READ | PROT_EXEC) }
        self.deny("make memory executable") {
            let page = 4096
            guard let memory = mmap(nil, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                memory != MAP_FAILED
            else { return errno }
            defer { munmap(memory, page) }
            return Self.code(mprotect(memory, page, PROT_READ | PROT_EXEC))
        }
        self.deny("type into the terminal (TIOCSTI)") {
            edge_try_call(Int(EDGE_CALL_IOCTL), -1, Int(EDGE_TYPE_INTO_TERMINAL), 0)
        }
        self.deny("make a user namespace") { Self.tryCall(Int(EDGE_CALL_CLONE), Int(EDGE_NEW_USER), 0, 0) }
        self.deny("make a network namespace") { edge_try_call(Int(EDGE_CALL_UNSHARE), Int(EDGE_NEW_NET), 0, 0) }
        self.deny("read the limits of another process") { edge_try_call(Int(EDGE_CALL_PRLIMIT), Int(getppid()), 0, 0) }
        self.allow("map memory") { Self.map(PROT_READ | PROT_WRITE) }
        self.allow("start a thread, and read its state") { Self.startThread() }
        self.allow("send itself a signal") { Self.code(kill(getpid(), 0)) }
        self.allow("draw random numbers") { edge_try_call(Int(EDGE_CALL_GETRANDOM), 0, 0, 0) }
    }

    /// Each denied call by its number, with arguments that lead nowhere.
    func checkCalls() {
        guard self.sandbox.isFiltered else {
            // Nothing would hold back, say, reboot.
            return self.deny("call anything denied") { 0 }
        }
        var count = 0
        let calls = UnsafeBufferPointer(start: edge_denied_calls(&count), count: count)
        for call in calls {
            let number = Int(call.number)
            self.deny("call \(String(cString: call.name))", as: [EPERM]) { Self.tryCall(number) }
        }
        self.deny("call clone3", as: [ENOSYS]) { Self.tryCall(Int(EDGE_CALL_CLONE3)) }
        self.deny("call what is newer than the filter", as: [ENOSYS]) { Self.tryCall(Int(edge_unknown_calls_begin())) }
        self.deny("call an x32 number", as: [ENOSYS]) { Self.tryCall(0x4000_0000 + 39) }
    }

    /// A call that may make a process where it is not denied: that one ends at once.
    private static func tryCall(_ number: Int, _ first: Int = -1, _ second: Int = -1, _ third: Int = -1) -> Int32 {
        let process = getpid()
        let code = edge_try_call(number, first, second, third)
        if getpid() != process { _exit(0) }
        return code
    }

    private static func map(_ protection: Int32) -> Int32 {
        let memory = mmap(nil, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else { return errno }
        munmap(memory, 4096)
        return 0
    }

    private static func startThread() -> Int32 {
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { _ in UnsafeMutableRawPointer(bitPattern: Int(edge_open_thread_state())) },
            nil
        )
        guard code == 0 else { return code }
        var result: UnsafeMutableRawPointer?
        pthread_join(thread, &result)
        return Int32(Int(bitPattern: result))
    }
}
