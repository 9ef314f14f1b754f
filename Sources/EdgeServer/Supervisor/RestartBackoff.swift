/// How long to wait before a server process is started again: not at all at first, then longer and longer.
struct RestartBackoff {
    private static let first = 100
    private static let longest = 5000
    /// A process that lived so long (in ms) was in order: its end counts as a first one.
    static let healthy = 10_000

    private var failures = 0

    /// Counts one more end, and returns the wait in ms.
    ///
    /// - Parameter lived: the time in ms the process served.
    mutating func wait(lived: Int) -> Int {
        if lived >= Self.healthy { self.failures = 0 }
        defer { self.failures = min(self.failures + 1, 16) }
        return self.failures == 0 ? 0 : min(Self.longest, Self.first << (self.failures - 1))
    }
}
