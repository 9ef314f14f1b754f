import Dispatch
import Synchronization
import Testing

@testable import EdgeServer

@Suite struct LazyThreadPoolTests {
    @Test func aJobUnderWayEndsBeforeThePoolDoes() throws {
        let pool = LazyThreadPool(numberOfThreads: 1)
        let steps = Mutex<[String]>([])
        let begun = DispatchSemaphore(value: 0)
        pool.submit {
            begun.signal()
            steps.withLock { $0.append("job") }
        }
        begun.wait()
        try pool.close()
        steps.withLock { $0.append("closed") }
        #expect(steps.withLock { $0 } == ["job", "closed"])
    }

    /// What it would work on has ended by then.
    @Test func aJobThatComesTooLateDoesNotRun() throws {
        let pool = LazyThreadPool(numberOfThreads: 1)
        let hasRun = Mutex(false)
        try pool.close()
        pool.submit { hasRun.withLock { $0 = true } }
        #expect(!hasRun.withLock { $0 })
    }
}
