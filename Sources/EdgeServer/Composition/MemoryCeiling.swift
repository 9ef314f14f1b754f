import Glibc

/// How much memory all isolates may take where the configuration does not say.
enum MemoryCeiling {
    /// Half of what the machine has, or of what the control group leaves to this process.
    static func standard() -> Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return max(64 << 20, min(machine, self.groupLimit() ?? machine) / 2)
    }

    /// The limit of the process's control group (version 2) as a container sees it, in bytes; nil where there is none.
    private static func groupLimit() -> Int? {
        guard let bytes = readWholeFile("/sys/fs/cgroup/memory.max", limit: 64) else { return nil }
        return Int(String(decoding: bytes, as: UTF8.self).filter { $0 != "\n" })
    }
}
