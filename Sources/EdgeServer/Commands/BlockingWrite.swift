import EdgeStorage
import Glibc
import Synchronization

extension KeyValueStore {
    /// Writes, and blocks until the write is durable: for commands, which have nothing else to do.
    func writeAndWait(_ mutation: KVMutation) throws(KVError) -> KVOutcome {
        let acknowledgement = Acknowledgement()
        self.write(mutation) { acknowledgement.arrive($0) }
        return try acknowledgement.wait().get()
    }
}

/// The result of one write, from the thread of the store to the one that waits.
// Unchecked Sendable: the result is behind a lock; the semaphore is made for threads, and lives as long as the object.
private final class Acknowledgement: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let result = Mutex<Result<KVOutcome, KVError>?>(nil)

    init() {
        sem_init(self.semaphore, 0, 0)
    }

    deinit {
        sem_destroy(self.semaphore)
        self.semaphore.deallocate()
    }

    func arrive(_ result: Result<KVOutcome, KVError>) {
        self.result.withLock { $0 = result }
        sem_post(self.semaphore)
    }

    func wait() -> Result<KVOutcome, KVError> {
        while true {
            if let result = self.result.withLock({ $0 }) { return result }
            // Fails when a signal interrupts it, and then looks again.
            _ = sem_wait(self.semaphore)
        }
    }
}
