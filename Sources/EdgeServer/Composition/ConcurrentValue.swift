import Glibc

/// A value that a thread of its own makes while the caller does something else.
final class ConcurrentValue<Value: Sendable> {
    // Unchecked: the thread writes, and who reads has waited for the end of the thread.
    private final class Slot: @unchecked Sendable {
        var value: Value?
    }

    private let slot = Slot()
    private var thread: pthread_t?

    init(_ make: @escaping @Sendable () -> Value) {
        let slot = self.slot
        let body = Unmanaged.passRetained(ThreadBody { slot.value = make() })
        var thread = pthread_t()
        if pthread_create(&thread, nil, ThreadBody.run, body.toOpaque()) == 0 {
            self.thread = thread
        } else {
            // Where there is no room for another thread, the value itself says so if it needs some.
            body.takeRetainedValue().work()
        }
    }

    /// Also where nobody wants the value any more: a process that ends takes nothing from under a thread.
    deinit {
        self.join()
    }

    /// Waits for the value.
    func get() -> Value {
        self.join()
        guard let value = self.slot.value else { preconditionFailure("the thread has ended, so there is a value") }
        return value
    }

    private func join() {
        if let thread = self.thread { pthread_join(thread, nil) }
        self.thread = nil
    }
}

private final class ThreadBody {
    let work: () -> Void

    init(_ work: @escaping () -> Void) {
        self.work = work
    }

    static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument else { return nil }
        Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().work()
        return nil
    }
}
