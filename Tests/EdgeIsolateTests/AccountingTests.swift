import EdgeIsolate
import Glibc
import Testing

/// A guest pays for the time its thread ran, not for the time others kept the thread from running.
@Suite struct AccountingTests {
    @Test func aCrowdedMachineCostsNobodyTime() throws {
        let worker = try Worker.body("while true do end")
        let excess = onThreads(8) { _ -> [Int64] in
            (try? worker.withIsolate { isolate in
                (0..<60).map { _ -> Int64 in
                    let before = Self.threadNanoseconds()
                    let run = Run(isolate, arguments: [], budget: .cpu(milliseconds: 5))
                    let used = Self.threadNanoseconds() - before
                    return Int64(run.usage.cpuNanoseconds) - Int64(used)
                }
            }) ?? []
        }.flatMap { $0 }
        #expect(excess.count == 8 * 60)
        // Less than two ticks are taken from the wall clock, which is cheaper to read.
        #expect((excess.max() ?? 0) < 3_000_000)
    }

    private static func threadNanoseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
