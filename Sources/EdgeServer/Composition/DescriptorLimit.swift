import Glibc

/// How many files and sockets the process may have open.
enum DescriptorLimit {
    /// What the process opens beside client connections: the store, its lock, logs, event loops, workers being read.
    static let reserve = 256

    /// Raises the soft limit as far as `connections` need it and the hard limit lets it, and returns how many
    /// connections fit. The soft limit of a shell, 1,024, would let one client alone use up all descriptors.
    static func makeRoom(connections: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return connections }
        let needed = rlim_t(connections + Self.reserve)
        if limit.rlim_cur < needed {
            var raised = limit
            raised.rlim_cur = min(needed, limit.rlim_max)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        let room = Int(clamping: limit.rlim_cur) - Self.reserve
        return min(connections, max(1, room))
    }
}
