import ArgumentParser
import EdgeServer

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure workers.",
        subcommands: [Startup.self]
    )

    struct Startup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a fresh isolate costs: a new state, a restored image, a new slot, a whole request."
        )

        @OptionGroup var common: CommonOptions
        @Option(help: "The worker to measure. (default: hello)") var worker: String?
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            try reportingErrors {
                try StartupBenchmarkCommand.run(
                    self.common.serverOptions,
                    worker: self.worker,
                    json: self.json
                ) { Console.output.write($0) }
            }
        }
    }
}
