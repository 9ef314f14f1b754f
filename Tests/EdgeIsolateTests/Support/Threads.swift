import Glibc
import Synchronization

/// Runs `body` on `count` threads of 8 MB of stack at once and returns what each made of it, in order.
func onThreads<Result: Sendable>(
    _ count: Int,
    _ body: @escaping @Sendable (_ index: Int) -> Result
) -> [Result] {
    let results = Results<Result>()
    let threads = (0..<count).map { index in
        startThread {
            let result = body(index)
            results.byIndex.withLock { $0[index] = result }
        }
    }
    for thread in threads {
        pthread_join(thread, nil)
    }
    return results.byIndex.withLock { byIndex in (0..<count).compactMap { byIndex[$0] } }
}

private final class Results<Result: Sendable>: Sendable {
    let byIndex = Mutex<[Int: Result]>([:])
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

private func startThread(_ run: @escaping @Sendable () -> Void) -> pthread_t {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 8 << 20)
    defer { pthread_attr_destroy(&attributes) }
    var thread = pthread_t()
    let body = Unmanaged.passRetained(ThreadBody(run)).toOpaque()
    let code = pthread_create(
        &thread,
        &attributes,
        { body in
            if let body {
                Unmanaged<ThreadBody>.fromOpaque(body).takeRetainedValue().run()
            }
            return nil
        },
        body
    )
    precondition(code == 0, "no thread")
    return thread
}
