/// The request the benchmark sends to a worker: to its first route that takes GET, with the fields of a simple client.
struct BenchmarkRequest {
    let event: Event
    /// `GET /hello`, for people.
    let line: String

    init(worker: Worker) {
        let route = worker.routes.first { $0.method == nil || $0.method == "GET" }
        let (path, parameters) = Self.fill(route, worker: worker.name)
        let host = Self.host(route)
        var request = HTTPRequest()
        request.method = request.head.append("GET")
        request.path = request.head.append(path)
        request.host = request.head.append(host)
        request.head.appendField(name: "host", value: host)
        request.head.appendField(name: "user-agent", value: "edgehost-bench")
        request.head.appendField(name: "accept", value: "*/*")
        request.remoteAddress = "127.0.0.1"
        self.event = .fetch(request, parameters: parameters)
        self.line = "GET " + path
    }

    /// A path that the route takes, each `:name` as `1` and the rest empty, and the parameters it gives. Without a route,
    /// the path a worker of this name has by default.
    private static func fill(_ route: RoutePattern?, worker: String) -> (path: String, parameters: [RouteParameter]) {
        guard let route else { return ("/" + worker, []) }
        var path = ""
        var parameters: [RouteParameter] = []
        for segment in route.segments {
            path += "/"
            switch segment {
            case .fixed(let bytes):
                path += Self.encoded(bytes)
            case .parameter(let name):
                path += "1"
                parameters.append(RouteParameter(name: name, value: Array("1".utf8)))
            case .rest:
                parameters.append(RouteParameter(name: "*", value: []))
            }
        }
        return (path.isEmpty ? "/" : path, parameters)
    }

    private static func host(_ route: RoutePattern?) -> String {
        switch route?.host ?? .any {
        case .any: "localhost"
        case .exact(let name): name
        case .below(let name): "www." + name
        }
    }

    private static func encoded(_ segment: [UInt8]) -> String {
        var text = ""
        for byte in segment {
            if SourceName.isAlphanumeric(byte) || "-._~".utf8.contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}
