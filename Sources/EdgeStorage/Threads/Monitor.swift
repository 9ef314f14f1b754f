import Glibc

/// A value under a lock with one condition to wait for.
// Unchecked: `state` is only touched between lock and unlock of `mutex`.
final class Monitor<State>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    init(_ state: State) {
        self.state = state
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Deadlines must not move when someone sets the wall clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_mutex_init(self.mutex, nil)
        pthread_cond_init(self.condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(self.condition)
        pthread_mutex_destroy(self.mutex)
        self.condition.deallocate()
        self.mutex.deallocate()
    }

    func withLock<Value>(_ body: (inout State) -> Value) -> Value {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        return body(&self.state)
    }

    /// Changes the state and wakes one waiter.
    func signal<Value>(_ body: (inout State) -> Value) -> Value {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        let value = body(&self.state)
        pthread_cond_signal(self.condition)
        return value
    }

    /// Changes the state and wakes all waiters.
    func signalAll<Value>(_ body: (inout State) -> Value) -> Value {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        let value = body(&self.state)
        pthread_cond_broadcast(self.condition)
        return value
    }

    /// Calls `body` until it returns a value, waiting for a signal between calls.
    /// - Parameter deadline: in ns of `MonotonicTime`; nil for none.
    /// - Returns: nil when the deadline passed first.
    func wait<Value>(until deadline: UInt64?, _ body: (inout State) -> Value?) -> Value? {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        while true {
            if let value = body(&self.state) {
                return value
            }
            guard let deadline else {
                pthread_cond_wait(self.condition, self.mutex)
                continue
            }
            if MonotonicTime.now() >= deadline {
                return nil
            }
            var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
            pthread_cond_timedwait(self.condition, self.mutex, &time)
        }
    }
}

enum MonotonicTime {
    /// Nanoseconds from an arbitrary start.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
