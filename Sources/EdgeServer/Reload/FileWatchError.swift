import Glibc

/// Why files can't be watched; says what to change.
public struct FileWatchError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// The system's limit of inotify instances or watches is used up.
        case limitReached
        /// The system refused for another reason.
        case system
    }

    public let code: Code
    public let description: String

    private init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static func instances(errno code: Int32) -> FileWatchError {
        guard code == EMFILE else { return self.system("inotify_init1", errno: code) }
        return FileWatchError(
            .limitReached,
            "can't watch files: the limit of inotify instances is reached; raise it with "
                + "\"sysctl fs.inotify.max_user_instances=1024\""
        )
    }

    static func watches(directory: String, errno code: Int32) -> FileWatchError {
        guard code == ENOSPC else { return self.system("inotify_add_watch", errno: code) }
        return FileWatchError(
            .limitReached,
            "can't watch \(directory): the limit of inotify watches is reached; raise it with "
                + "\"sysctl fs.inotify.max_user_watches=524288\""
        )
    }

    static func tooManyDirectories(_ directory: String, maximum: Int) -> FileWatchError {
        FileWatchError(.limitReached, "can't watch \(directory): it holds more than \(maximum) folders")
    }

    static func system(_ call: String, errno code: Int32) -> FileWatchError {
        let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: base)
        }
        return FileWatchError(.system, "can't watch files: \(call): \(reason)")
    }
}
