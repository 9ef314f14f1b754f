import Glibc

/// What a process and its descendants have used so far, from `/proc`.
struct ProcessUsage: Sendable, Equatable {
    /// CPU time in ns: exact, where ``userMicroseconds`` and ``systemMicroseconds`` come in ticks of 10 ms.
    var cpuNanoseconds: UInt64 = 0
    var userMicroseconds: UInt64 = 0
    var systemMicroseconds: UInt64 = 0
    /// Memory pages of shared libraries and shared mappings counted in each process that has them.
    var residentKiB = 0
    var threads = 0
    var processes = 0

    /// More descendants than a server has; the rest is left out.
    private static let maximumProcesses = 64

    /// - Returns: nil where there is no such process.
    static func read(_ pid: Int32) -> ProcessUsage? {
        var usage = ProcessUsage()
        var waiting = [pid]
        while let next = waiting.popLast(), usage.processes < Self.maximumProcesses {
            guard usage.add(next) else { continue }
            let children = Self.text("/proc/\(next)/task/\(next)/children") ?? ""
            waiting += children.split(separator: " ").compactMap { Int32($0) }
        }
        return usage.processes > 0 ? usage : nil
    }

    /// CPU and memory of this process.
    static func own() -> ProcessUsage {
        var usage = ProcessUsage()
        _ = usage.add(getpid())
        return usage
    }

    private mutating func add(_ pid: Int32) -> Bool {
        // The name, in parentheses, may hold anything.
        guard let stat = Self.text("/proc/\(pid)/stat"), let name = stat.lastIndex(of: ")") else { return false }
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        guard fields.count > 21, let user = UInt64(fields[11]), let system = UInt64(fields[12]),
            let threads = Int(fields[17]), let pages = Int(fields[21])
        else { return false }
        let tick = UInt64(1_000_000 / max(1, sysconf(Int32(_SC_CLK_TCK))))
        self.userMicroseconds += user * tick
        self.systemMicroseconds += system * tick
        self.threads += threads
        self.residentKiB += pages * (sysconf(Int32(_SC_PAGESIZE)) / 1024)
        self.processes += 1
        self.cpuNanoseconds += Self.cpuNanoseconds(pid) ?? (user + system) * tick * 1000
        return true
    }

    private static func cpuNanoseconds(_ pid: Int32) -> UInt64? {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func text(_ path: String) -> String? {
        readWholeFile(path, limit: 1 << 16).map { String(decoding: $0, as: UTF8.self) }
    }
}
