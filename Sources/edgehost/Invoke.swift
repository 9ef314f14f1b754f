import ArgumentParser
import EdgeServer

struct Invoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run one request through a worker, without a socket, and print the response."
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "The worker's name.")
    var worker: String

    @Option(help: "The request's method.")
    var method = "GET"

    @Option(help: "The path, with its query. (default: /WORKER)")
    var path: String?

    @Option(name: .customLong("header"), help: "A header, 'Name: value'; may be given several times.")
    var headers: [String] = []

    @Option(help: "The body.")
    var data: String?

    @Option(help: "The folder of the store. (default: ./.edgehost)")
    var store: String?

    func run() throws {
        try reportingErrors {
            let request = InvokeCommand.Request(
                worker: self.worker,
                method: self.method,
                path: self.path,
                headers: self.headers,
                data: self.data
            )
            var options = self.common.serverOptions
            options.data = self.store
            guard try InvokeCommand.run(options, request) else { throw ExitCode.failure }
        }
    }
}
