import EdgeServer

extension Command {
    static let bench = Command(
        name: "bench",
        abstract: "Measure workers.",
        subcommands: [BenchCommands.startup, .benchHTTP, BenchCommands.compare]
    )
}

private enum BenchCommands {
    private static let worker = Parameter.option("worker", "The worker to measure. (default: hello)")
    private static let seconds = Parameter.option(
        "seconds",
        "Take samples for this many seconds at most.",
        .number,
        standard: "10.0"
    )
    private static let requests = Parameter.option(
        "requests",
        "Only send this many requests, untimed, for tools that count.",
        .integer
    )
    private static let json = Parameter.flag("json", "Print JSON.")
    private static let before = Parameter.argument("before", "JSON of bench/run, bench http or bench startup.")
    private static let after = Parameter.argument("after", "JSON of the same, later.")

    static let startup = Command(
        name: "startup",
        abstract: "What a fresh isolate costs: a new state, a restored image, a new slot, a whole request.",
        parameters: ServerParameters.common + [Self.worker, Self.seconds, Self.requests, Self.json]
    ) { arguments in
        let options = ServerOptions(arguments)
        let worker = arguments.text(Self.worker)
        if let requests = arguments.integer(Self.requests) {
            try StartupBenchmarkCommand.send(requests, options, worker: worker) { Console.output.write($0) }
            return 0
        }
        guard let seconds = arguments.number(Self.seconds) else { preconditionFailure("there is a duration") }
        try StartupBenchmarkCommand.run(
            options,
            worker: worker,
            seconds: seconds,
            json: arguments.flag(Self.json) ?? false
        ) { Console.output.write($0) }
        return 0
    }

    static let compare = Command(
        name: "compare",
        abstract: "Tell what changed between two results, beyond the noise of their rounds.",
        parameters: [Self.before, Self.after]
    ) { arguments in
        let (before, after) = (arguments.required(Self.before), arguments.required(Self.after))
        return try BenchmarkCompareCommand.run(before, after, write: { Console.output.write($0) }) ? 0 : 1
    }
}
