import EdgeServer

extension Command {
    static let benchHTTP = Command(
        name: "http",
        abstract: "Send one request many times, and tell how soon the answers came.",
        parameters: ServerParameters.common + BenchHTTPParameters.all
    ) { arguments in
        typealias Parameters = BenchHTTPParameters
        var request = HTTPBenchmarkCommand.Request()
        request.url = arguments.text(Parameters.url)
        request.worker = arguments.text(Parameters.worker)
        request.path = arguments.text(Parameters.path)
        request.method = arguments.required(Parameters.method)
        request.headers = arguments.texts(Parameters.header)
        request.body = Array((arguments.text(Parameters.body) ?? "").utf8)
        request.rate = arguments.required(Parameters.rate)
        request.arrivals = arguments.required(Parameters.arrivals)
        guard let connections = arguments.integer(Parameters.connections),
            let seed = UInt64(arguments.required(Parameters.seed)),
            let duration = arguments.number(Parameters.duration), let warmUp = arguments.number(Parameters.warmUp),
            let timeout = arguments.number(Parameters.timeout)
        else {
            preconditionFailure("the parser has checked all numbers, and each has a default")
        }
        request.connections = connections
        request.seed = seed
        request.duration = duration
        request.warmUp = warmUp
        request.timeout = timeout
        request.pid = arguments.text(Parameters.pid).flatMap { Int32($0) }
        let json = arguments.text(Parameters.json)
        try HTTPBenchmarkCommand.run(ServerOptions(arguments), request, json: json) { Console.output.write($0) }
        return 0
    }
}

private enum BenchHTTPParameters {
    static let url = Parameter.option("url", "Send to this server.")
    static let worker = Parameter.option(
        "worker",
        "Start a server for the workers folder, and send to this worker of it."
    )
    static let path = Parameter.option("path", "The path, with its query, at --worker. (default: /WORKER)")
    static let method = Parameter.option("method", "The request's method.", standard: "GET")
    static let header = Parameter.option(
        "header",
        "A header, 'Name: value'; may be given several times.",
        isRepeated: true
    )
    static let body = Parameter.option("body", "The body.", .content)
    static let connections = Parameter.option("connections", "How many connections send.", .integer, standard: "16")
    static let rate = Parameter.option(
        "rate",
        "Requests a second, sent when they are due; max: each connection sends when it is answered.",
        standard: "max"
    )
    static let arrivals = Parameter.option(
        "arrivals",
        "uniform, or poisson: independent of each other.",
        standard: "uniform"
    )
    static let seed = Parameter.option("seed", "Of the random numbers of poisson.", .natural, standard: "1")
    static let duration = Parameter.option("duration", "How many seconds are recorded.", .number, standard: "10.0")
    static let warmUp = Parameter.option("warmup", "How many seconds are not, before.", .number, standard: "1.0")
    static let timeout = Parameter.option("timeout", "Seconds until an answer is given up.", .number, standard: "10.0")
    static let pid = Parameter.option("pid", "The process behind --url, to measure what it uses.", .process)
    static let json = Parameter.option("json", "Write JSON to this file; - writes it instead of the table.")
    static let all = [
        url, worker, path, method, header, body, connections, rate, arrivals, seed, duration, warmUp, timeout, pid,
        json,
    ]
}
