import Glibc

/// A POSIX thread that runs one closure and is joined once.
final class WorkerThread: Sendable {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    private static let stackBytes = 1024 * 1024

    private let handle: pthread_t

    /// - Throws: `io` where the system refuses a further thread.
    init(_ run: @escaping @Sendable () -> Void) throws(KVError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        let body = Unmanaged.passRetained(Body(run))
        var handle = pthread_t()
        let code = pthread_create(
            &handle,
            &attributes,
            { argument in
                guard let argument else {
                    return nil
                }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            body.toOpaque()
        )
        guard code == 0 else {
            body.release()
            throw KVError(.io, "the storage writer thread cannot start: \(SystemError.text(code))")
        }
        self.handle = handle
    }

    var isCurrent: Bool {
        pthread_equal(self.handle, pthread_self()) != 0
    }

    /// Call once, from another thread.
    func join() {
        pthread_join(self.handle, nil)
    }

    /// Instead of `join`, where nobody can wait.
    func detach() {
        pthread_detach(self.handle)
    }
}
