import EdgeRuntime
import Logging

/// `edgehost check`: loads every worker and reports.
public enum CheckCommand {
    /// Returns whether all workers load.
    public static func run(_ options: ServerOptions) throws -> Bool {
        let options = try options.resolve()
        let logger = Logger(label: "edgehost") { _ in LineLogHandler(level: .warning) }
        let loader = DeploymentLoader(
            directory: options.workers,
            startup: options.host.startup,
            ceilings: options.host.ceilings,
            observer: LoggingObserver(logger: logger, receipts: nil)
        )
        let deployment = try loader.load()
        for worker in deployment.workers {
            Console.output.line(DeploymentText.line(worker.summary))
        }
        for line in DeploymentText.lines(deployment.diagnostics) {
            Console.error.line(line)
        }
        let count = deployment.workers.count
        Console.output.line(
            deployment.isHealthy ? "\(count) workers load" : "\(count) workers load, others do not: see above"
        )
        return deployment.isHealthy
    }
}
