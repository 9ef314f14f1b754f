import Glibc

/// What a ``FileWatcher``'s thread does: waits for events and for the end, and notifies when changes have settled.
final class WatchLoop {
    private let inotify: Inotify
    private let tree: WatchedTree
    private let stopDescriptor: Int32
    private let onChange: @Sendable () -> Void
    private let onError: @Sendable (FileWatchError) -> Void
    private var debouncer = ChangeDebouncer()

    /// Takes over the stop descriptor: reading its end stops the loop.
    init(
        inotify: Inotify,
        tree: WatchedTree,
        stopDescriptor: Int32,
        onChange: @escaping @Sendable () -> Void,
        onError: @escaping @Sendable (FileWatchError) -> Void
    ) {
        self.inotify = inotify
        self.tree = tree
        self.stopDescriptor = stopDescriptor
        self.onChange = onChange
        self.onError = onError
    }

    deinit {
        close(self.stopDescriptor)
    }

    func run() {
        var descriptors = [
            pollfd(fd: self.inotify.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: self.stopDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let ready = poll(&descriptors, 2, self.timeoutMilliseconds)
            if ready > 0 {
                if descriptors[1].revents != 0 { return }
                do throws(FileWatchError) {
                    try self.handleEvents()
                } catch {
                    self.onError(error)
                }
            }
            if self.debouncer.fire(at: Self.now()) { self.onChange() }
        }
    }

    private func handleEvents() throws(FileWatchError) {
        var needsSynchronizing = false
        for event in try self.inotify.read() {
            let reaction = self.tree.reaction(to: event)
            if reaction.isChange { self.debouncer.noteChange(at: Self.now()) }
            needsSynchronizing = needsSynchronizing || reaction.needsSynchronizing
        }
        if needsSynchronizing { try self.tree.synchronize() }
    }

    /// Until the deadline, rounded up; -1, for ever, without one.
    private var timeoutMilliseconds: Int32 {
        guard let deadline = self.debouncer.deadline else { return -1 }
        let now = Self.now()
        return deadline > now ? Int32((deadline - now + 999_999) / 1_000_000) : 0
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
