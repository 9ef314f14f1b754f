import EdgeRuntime
import EdgeStorage
import Logging

/// `edgehost build`: makes the images of all workers ahead of the server's start.
public enum BuildCommand {
    /// Returns whether all workers load.
    public static func run(_ options: ServerOptions) throws -> Bool {
        let options = try options.resolve()
        let logger = Logger(label: "edgehost") { _ in LineLogHandler(level: .warning) }
        try LMDBStore.prepareDirectory(options.data)
        let images = ImageStore(path: options.images, startup: options.host.startup) {
            Console.error.failure($0)
        }
        guard let images else { return false }
        let loader = DeploymentLoader(
            directory: options.workers,
            startup: options.host.startup,
            ceilings: options.host.ceilings,
            observer: LoggingObserver(logger: logger, receipts: nil),
            images: images
        )
        let deployment = try loader.load(usesIndex: false)
        loader.keepAhead(deployment)
        for worker in deployment.workers {
            Console.output.line(DeploymentText.line(worker.summary))
        }
        for line in DeploymentText.lines(deployment.diagnostics) {
            Console.error.line(line)
        }
        return Self.conclude(deployment, folder: options.images)
    }

    private static func conclude(_ deployment: Deployment, folder: String) -> Bool {
        let unkept = deployment.workers.filter { !$0.image.isInFile }.map(\.name)
        if !unkept.isEmpty {
            Console.output.line("no image can be kept, so that each start builds one: \(unkept.joined(separator: " "))")
        }
        Console.output.line("\(deployment.workers.count - unkept.count) images in \(folder)")
        return deployment.isHealthy
    }
}
