import Glibc

/// Threads for long requests step back behind event loops, whose work is short and waited for by everybody.
enum BackgroundPriority {
    /// So nice that an event loop that wakes up runs at once, and not so nice that long requests starve beside busy ones:
    /// they keep about a tenth of a core's time.
    private static let niceness: Int32 = 10

    private static let isLowered: pthread_key_t = {
        var key = pthread_key_t()
        let code = pthread_key_create(&key, nil)
        precondition(code == 0, "no thread-specific key")
        return key
    }()

    /// Lowers the priority of the calling thread, the first time.
    static func lowerOnce() {
        guard pthread_getspecific(self.isLowered) == nil else { return }
        // On Linux the "process" 0 is the calling thread. A system that refuses serves on without.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, self.niceness)
        pthread_setspecific(self.isLowered, UnsafeRawPointer(bitPattern: 1))
    }
}
