import EdgeServer

extension Command {
    static let invoke = Command(
        name: "invoke",
        abstract: "Run one request through a worker, without a socket, and print the response.",
        parameters: ServerParameters.common + InvokeParameters.all
    ) { arguments in
        let request = InvokeCommand.Request(
            worker: arguments.required(InvokeParameters.worker),
            method: arguments.required(InvokeParameters.method),
            path: arguments.text(InvokeParameters.path),
            headers: arguments.texts(InvokeParameters.header),
            data: arguments.text(InvokeParameters.data)
        )
        var options = ServerOptions(arguments)
        options.data = arguments.text(InvokeParameters.store)
        return try InvokeCommand.run(options, request) ? 0 : 1
    }
}

private enum InvokeParameters {
    static let worker = Parameter.argument("worker", "The worker's name.")
    static let method = Parameter.option("method", "The request's method.", standard: "GET")
    static let path = Parameter.option("path", "The path, with its query. (default: /WORKER)")
    static let header = Parameter.option(
        "header",
        "A header, 'Name: value'; may be given several times.",
        isRepeated: true
    )
    static let data = Parameter.option("data", "The body.", .content)
    static let store = Parameter.option("store", "The folder of the store. (default: ./.edgehost)")
    static let all = [worker, method, path, header, data, store]
}
