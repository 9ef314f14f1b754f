import ArgumentParser
import EdgeServer

struct Build: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the images of all workers, so that a server starts without running them."
    )

    @OptionGroup var common: CommonOptions

    @Option(help: "The data folder that keeps them. (default: ./.edgehost)")
    var data: String?

    func run() throws {
        try reportingErrors {
            var options = self.common.serverOptions
            options.data = self.data
            guard try BuildCommand.run(options) else { throw ExitCode.failure }
        }
    }
}
