import EdgeRuntime
import NIOConcurrencyHelpers

/// Keeps the reports of one worker at a time, for a test to wait for.
final class OutcomeRecorder: InvocationObserver {
    private struct State {
        var worker = ""
        var reports: [InvocationReport] = []
    }

    private let state = NIOLockedValueBox(State())
    private let reportCount = ConditionLock(value: 0)

    /// Forgets all reports; from now on those of `worker` are kept.
    func expect(_ worker: String) {
        self.reportCount.lock()
        self.state.withLockedValue { $0 = State(worker: worker) }
        self.reportCount.unlock(withValue: 0)
    }

    func report(_ report: InvocationReport) {
        self.reportCount.lock()
        let count = self.state.withLockedValue { state in
            if report.worker == state.worker { state.reports.append(report) }
            return state.reports.count
        }
        self.reportCount.unlock(withValue: count)
    }

    func log(_ record: GuestLogRecord) {}

    /// Waits until the worker has come to an end this often; gives up after 30 seconds, so that a test fails rather than
    /// hangs.
    func waitForReports(_ count: Int) throws -> [InvocationReport] {
        guard self.reportCount.lock(whenValue: count, timeoutSeconds: 30) else {
            let found = self.state.withLockedValue { $0.reports.map(\.outcome.rawValue) }
            throw HostileError("not \(count) requests have ended but \(found.count): \(found)")
        }
        defer { self.reportCount.unlock() }
        return self.state.withLockedValue { $0.reports }
    }
}
