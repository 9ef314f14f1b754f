import CProcess
import Glibc

/// Processes that go on with this program's code and memory.
enum Fork {
    /// Makes a process that does `body` and exits with the status it gives. To be called while this process has one thread.
    ///
    /// - Returns: the process's number, or -1 with `errno`.
    static func make(_ body: () -> Int32) -> pid_t {
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body) { body in
                edge_fork(
                    { context in
                        guard let context else { return EXIT_FAILURE }
                        return context.assumingMemoryBound(to: (() -> Int32).self).pointee()
                    },
                    UnsafeMutableRawPointer(mutating: body)
                )
            }
        }
    }
}
