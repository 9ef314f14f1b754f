import EdgeIsolate
import Synchronization

/// Notes the answer of a request and drops it.
final class BenchmarkSink: ResponseSink {
    /// Of the last answer; 0 before the first.
    private(set) var status = 0

    func respond(_ head: HTTPResponseHead, body: UnsafeRawBufferPointer) {
        self.status = head.status
    }

    func begin(_ head: HTTPResponseHead) {
        self.status = head.status
    }

    func write(_ chunk: UnsafeRawBufferPointer, written: @escaping (Bool) -> Void) {
        written(true)
    }

    func finish() {}

    func abort() {}
}

/// Remembers the first request that did not end well; a good one costs it nothing.
final class BenchmarkObserver: InvocationObserver {
    struct Failure: Sendable {
        var outcome: Outcome
        var message: String?
    }

    private let first = Mutex<Failure?>(nil)

    var failure: Failure? {
        self.first.withLock { $0 }
    }

    func report(_ report: InvocationReport) {
        guard report.outcome != .ok else { return }
        self.first.withLock { first in
            first = first ?? Failure(outcome: report.outcome, message: report.failure?.message)
        }
    }

    func log(_ record: GuestLogRecord) {}
}
