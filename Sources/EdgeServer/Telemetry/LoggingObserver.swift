import EdgeRuntime
import Logging

/// Turns what happens in lanes into log lines; in development also into receipts on standard output.
struct LoggingObserver: InvocationObserver {
    let logger: Logger
    /// Takes the receipts of development; nil for none.
    let receipts: LineQueue?
    private let refusals = RefusalGate()

    init(logger: Logger, receipts: LineQueue?) {
        self.logger = logger
        self.receipts = receipts
    }

    func observes(_ outcome: Outcome) -> Bool {
        self.receipts != nil || Self.level(outcome) >= self.logger.logLevel
    }

    func report(_ report: InvocationReport) {
        self.receipts?.line(Self.receipt(report))
        let level = Self.level(report.outcome)
        guard level >= self.logger.logLevel else { return }
        var untold = 0
        if report.outcome == .overloaded {
            guard let count = self.refusals.pass(now: RefusalGate.now()) else { return }
            untold = count
        }
        var metadata: Logger.Metadata = [
            "request_id": "\(report.requestID)",
            "worker": "\(report.worker)",
            "outcome": "\(report.outcome.rawValue)",
            "status": "\(report.status)",
            "cpu_us": "\(report.usage.cpuNanoseconds / 1000)",
            "wall_us": "\(report.wallNanoseconds / 1000)",
        ]
        if untold > 0 {
            metadata["refused_before"] = "\(untold)"
        }
        if let failure = report.failure {
            metadata["error"] = "\(failure.message)"
            metadata["traceback"] = "\(failure.traceback)"
        }
        self.logger.log(level: level, "request", metadata: metadata)
    }

    func log(_ record: GuestLogRecord) {
        let level = Self.level(record.level)
        guard level >= self.logger.logLevel else { return }
        var metadata: Logger.Metadata = ["worker": "\(record.worker)"]
        if !record.requestID.isEmpty {
            metadata["request_id"] = "\(record.requestID)"
        }
        for field in record.fields {
            metadata["field.\(field.name)"] = "\(field.value)"
        }
        self.logger.log(level: level, "\(record.message)", metadata: metadata)
    }

    /// `hello 200 ok  wall 0.12 ms  cpu 15 us  heap 40 KB  kv 0  restore 0.4 us`
    private static func receipt(_ report: InvocationReport) -> String {
        let wall = Double(report.wallNanoseconds / 10_000) / 100
        let restore = Double(report.restoreNanoseconds / 10) / 100
        return "\(report.worker) \(report.status) \(report.outcome.rawValue)  wall \(wall) ms"
            + "  cpu \(report.usage.cpuNanoseconds / 1000) us  heap \(report.usage.heapBytes >> 10) KB"
            + "  kv \(report.kvCalls)  restore \(restore) us"
    }

    private static func level(_ outcome: Outcome) -> Logger.Level {
        switch outcome {
        case .ok, .notFound, .methodNotAllowed, .requestTooLarge: .debug
        case .vmFault: .error
        default: .warning
        }
    }

    private static func level(_ level: GuestLogRecord.Level) -> Logger.Level {
        switch level {
        case .debug: .debug
        case .info: .info
        case .warn: .warning
        case .error: .error
        }
    }
}
