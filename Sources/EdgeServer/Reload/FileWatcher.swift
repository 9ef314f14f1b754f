import Glibc
import Synchronization

/// Tells when files below a directory have changed, by inotify, on a thread of its own.
///
/// `onChange` is called on that thread once the changes have settled (30 ms after the last event, 300 ms after the first at the
/// latest). It says that something changed, not what: read the directory again. The directory may be missing, deleted, created
/// again or replaced. `onError` is called on the same thread when watching fails later on, for example because new folders
/// exceed the system's limit; what is watched already stays watched.
public final class FileWatcher: Sendable {
    private enum State {
        case idle
        case running(thread: pthread_t, stopDescriptor: Int32)
        case stopped
    }

    private let directory: String
    private let onChange: @Sendable () -> Void
    private let onError: @Sendable (FileWatchError) -> Void
    private let state = Mutex(State.idle)

    public init(
        directory: String,
        onChange: @escaping @Sendable () -> Void,
        onError: @escaping @Sendable (FileWatchError) -> Void
    ) {
        self.directory = directory
        self.onChange = onChange
        self.onError = onError
    }

    deinit {
        self.stop()
    }

    /// Begins to watch: whatever changes after the return is told. May be called once.
    public func start() throws(FileWatchError) {
        let inotify = try Inotify()
        let tree = try WatchedTree(directory: self.directory, inotify: inotify)
        try tree.synchronize()
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else { throw FileWatchError.system("pipe", errno: errno) }
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let loop = WatchLoop(
            inotify: inotify,
            tree: tree,
            stopDescriptor: pipe[0],
            onChange: self.onChange,
            onError: self.onError
        )
        do throws(FileWatchError) {
            let thread = try Self.spawn(loop)
            self.state.withLock { state in
                guard case .idle = state else { preconditionFailure("a FileWatcher starts once") }
                state = .running(thread: thread, stopDescriptor: pipe[1])
            }
        } catch {
            close(pipe[1])
            throw error
        }
    }

    /// Ends watching and waits for a call that is under way. Not to be called from within `onChange`.
    public func stop() {
        let before = self.state.withLock { state in
            defer { state = .stopped }
            return state
        }
        guard case .running(let thread, let stopDescriptor) = before else { return }
        precondition(pthread_equal(thread, pthread_self()) == 0, "stop() would wait for itself")
        // A byte rather than the end of the pipe, which a child process may hold open.
        _ = write(stopDescriptor, [1], 1)
        pthread_join(thread, nil)
        close(stopDescriptor)
    }

    private static func spawn(_ loop: WatchLoop) throws(FileWatchError) -> pthread_t {
        // The process's signals are for other threads.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let context = Unmanaged.passRetained(loop)
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<WatchLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        guard result == 0 else {
            context.release()
            throw FileWatchError.system("pthread_create", errno: result)
        }
        return thread
    }
}
