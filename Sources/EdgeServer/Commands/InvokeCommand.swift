import EdgeRuntime
import Logging

/// `edgehost invoke`: one request through one worker, without a socket.
public enum InvokeCommand {
    /// The request to make.
    public struct Request: Sendable {
        public var worker: String
        public var method: String
        /// With an optional query; nil for the worker's own path.
        public var path: String?
        /// `Name: value` each.
        public var headers: [String]
        public var data: String?

        public init(worker: String, method: String, path: String?, headers: [String], data: String?) {
            self.worker = worker
            self.method = method
            self.path = path
            self.headers = headers
            self.data = data
        }
    }

    /// Prints the response on standard output; returns whether its status is below 500.
    public static func run(_ options: ServerOptions, _ request: Request) throws -> Bool {
        let options = try options.resolve()
        let logger = Logger(label: "edgehost") { _ in LineLogHandler(level: .info) }
        let observer = LoggingObserver(logger: logger, receipts: nil)
        let loader = DeploymentLoader(
            directory: options.workers,
            startup: options.host.startup,
            ceilings: options.host.ceilings,
            observer: observer
        )
        let deployment = try loader.load(only: request.worker)
        guard let worker = deployment.worker(named: request.worker) else {
            throw CommandError(Self.missing(request.worker, in: deployment, options.workers))
        }
        let store = try Stores.openAsTool(options.data)
        defer { store.close() }
        let secrets = Secrets(folder: options.host.secrets)
        let services = RuntimeServices(
            store: store,
            observer: observer,
            secret: { secrets.value($0) },
            isDevelopment: true
        )
        let call = LocalCall(services: services)
        let event = try Self.event(request, worker: worker, deployment: deployment)
        let response = try call.deliver(event, to: worker)
        Console.output.write(bytes: response.bytes)
        return response.status < 500
    }

    private static func missing(_ name: String, in deployment: Deployment, _ directory: String) -> String {
        let problems = DeploymentText.lines(deployment.diagnostics)
        return problems.isEmpty
            ? "there is no worker '\(name)' in \(directory)"
            : "the worker '\(name)' does not load\n" + problems.joined(separator: "\n")
    }

    private static func event(_ request: Request, worker: Worker, deployment: Deployment) throws -> Event {
        var message = HTTPRequest()
        let path = request.path ?? (worker.name == "index" ? "/" : "/\(worker.name)")
        guard path.hasPrefix("/") else {
            throw CommandError("the path begins with '/': got '\(path)'")
        }
        let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        message.method = message.head.append(request.method)
        message.path = message.head.append(String(parts[0]))
        message.query = message.head.append(parts.count > 1 ? String(parts[1]) : "")
        message.host = message.head.append("localhost")
        message.remoteAddress = "127.0.0.1"
        message.body = Array((request.data ?? "").utf8)
        for header in request.headers {
            let pair = header.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else {
                throw CommandError("a header is 'Name: value': got '\(header)'")
            }
            message.head.appendField(name: String(pair[0]), value: String(pair[1].drop { $0 == " " }))
        }
        return .fetch(message, parameters: deployment.parameters(of: message, for: worker))
    }
}

/// What a command can't do; the text is for its user.
public struct CommandError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
