import EdgeRuntime
import NIOConcurrencyHelpers

/// Keeps reports and log lines, for any thread to wait for.
final class RecordingObserver: InvocationObserver {
    private struct State {
        var reports: [InvocationReport] = []
        var lines: [String] = []
    }

    private let state = NIOLockedValueBox(State())
    private let reportCount = ConditionLock(value: 0)

    func report(_ report: InvocationReport) {
        self.reportCount.lock()
        let count = self.state.withLockedValue { state in
            state.reports.append(report)
            return state.reports.count
        }
        self.reportCount.unlock(withValue: count)
    }

    func log(_ record: GuestLogRecord) {
        let fields = record.fields.map { "\($0.name)=\($0.value)" }.sorted()
        let line = (["\(record.level)", record.message] + fields).joined(separator: " ")
        self.state.withLockedValue { $0.lines.append(line) }
    }

    var reports: [InvocationReport] {
        self.state.withLockedValue { $0.reports }
    }

    /// Takes the log lines since the last call: `level message name=value ...`.
    func takeLines() -> [String] {
        self.state.withLockedValue { state in
            defer { state.lines = [] }
            return state.lines
        }
    }

    /// Waits until this many reports have come in all; gives up after ten seconds, so that a test fails rather than hangs.
    func waitForReports(_ count: Int) throws {
        guard self.reportCount.lock(whenValue: count, timeoutSeconds: 10) else {
            throw FixtureError("the invocation has not ended: \(self.reports.count) of \(count) reports")
        }
        self.reportCount.unlock()
    }
}
