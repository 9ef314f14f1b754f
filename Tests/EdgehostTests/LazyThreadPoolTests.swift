import Glibc
import Synchronization
import Testing

@testable import EdgeServer

/// What a job would work on may have ended when the pool has.
@Suite struct LazyThreadPoolTests {
    @Test func aCancelledJobDoesNotRun() {
        let runs = Mutex(0)
        let item = LazyThreadPool.unlessCancelled { runs.withLock { $0 += 1 } }
        item(.cancelled)
        #expect(runs.withLock { $0 } == 0)
        item(.active)
        #expect(runs.withLock { $0 } == 1)
    }

    @Test func aJobThatComesTooLateDoesNotRun() throws {
        let pool = LazyThreadPool(numberOfThreads: 1)
        let hasRun = Mutex(false)
        try pool.close()
        pool.submit { hasRun.withLock { $0 = true } }
        #expect(!hasRun.withLock { $0 })
    }

    @Test func linesThatTheThreadDidNotComeToAreWrittenAtTheEnd() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let queue = LineQueue(Console(descriptor: ends[1]))
        queue.line("first")
        queue.close()
        queue.line("second")
        queue.close()
        var text = [UInt8](repeating: 0, count: 64)
        let count = read(ends[0], &text, text.count)
        #expect(String(decoding: text.prefix(max(0, count)), as: UTF8.self) == "first\nsecond\n")
    }
}
