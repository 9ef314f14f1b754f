import ArgumentParser
import EdgeServer

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure workers.",
        subcommands: [Startup.self, HTTP.self, Compare.self]
    )

    struct Startup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a fresh isolate costs: a new state, a restored image, a new slot, a whole request."
        )

        @OptionGroup var common: CommonOptions
        @Option(help: "The worker to measure. (default: hello)") var worker: String?
        @Option(help: "Take samples for this many seconds at most.") var seconds = 10.0
        @Option(help: "Only send this many requests, untimed, for tools that count.") var requests: Int?
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            try reportingErrors {
                let options = self.common.serverOptions
                if let requests = self.requests {
                    try StartupBenchmarkCommand.send(requests, options, worker: self.worker) {
                        Console.output.write($0)
                    }
                    return
                }
                try StartupBenchmarkCommand.run(
                    options,
                    worker: self.worker,
                    seconds: self.seconds,
                    json: self.json
                ) { Console.output.write($0) }
            }
        }
    }

    struct HTTP: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "http",
            abstract: "Send one request many times, and tell how soon the answers came."
        )

        @OptionGroup var common: CommonOptions
        @Option(help: "Send to this server.") var url: String?
        @Option(help: "Start a server for the workers folder, and send to this worker of it.") var worker: String?
        @Option(help: "The path, with its query, at --worker. (default: /WORKER)") var path: String?
        @Option(help: "The request's method.") var method = "GET"
        @Option(name: .customLong("header"), help: "A header, 'Name: value'; may be given several times.")
        var headers: [String] = []
        @Option(help: "The body.") var body: String?
        @Option(help: "How many connections send.") var connections = 16
        @Option(help: "Requests a second, sent when they are due; max: each connection sends when it is answered.")
        var rate = "max"
        @Option(help: "uniform, or poisson: independent of each other.") var arrivals = "uniform"
        @Option(help: "Of the random numbers of poisson.") var seed: UInt64 = 1
        @Option(help: "How many seconds are recorded.") var duration = 10.0
        @Option(help: "How many seconds are not, before.") var warmup = 1.0
        @Option(help: "Seconds until an answer is given up.") var timeout = 10.0
        @Option(help: "The process behind --url, to measure what it uses.") var pid: Int32?
        @Option(help: "Write JSON to this file; - writes it instead of the table.") var json: String?

        func run() throws {
            try reportingErrors {
                var request = HTTPBenchmarkCommand.Request()
                request.url = self.url
                request.worker = self.worker
                request.path = self.path
                request.method = self.method
                request.headers = self.headers
                request.body = Array((self.body ?? "").utf8)
                request.connections = self.connections
                request.rate = self.rate
                request.arrivals = self.arrivals
                request.seed = self.seed
                request.duration = self.duration
                request.warmUp = self.warmup
                request.timeout = self.timeout
                request.pid = self.pid
                try HTTPBenchmarkCommand.run(self.common.serverOptions, request, json: self.json) {
                    Console.output.write($0)
                }
            }
        }
    }

    struct Compare: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell what changed between two results, beyond the noise of their rounds."
        )

        @Argument(help: "JSON of bench/run, bench http or bench startup.") var before: String
        @Argument(help: "JSON of the same, later.") var after: String

        func run() throws {
            try reportingErrors {
                guard try BenchmarkCompareCommand.run(self.before, self.after, write: { Console.output.write($0) })
                else {
                    throw ExitCode.failure
                }
            }
        }
    }
}
