/// The one request a load repeats, and where it goes.
struct LoadTarget: Sendable, Equatable {
    /// Without brackets.
    let host: String
    let port: Int
    let method: String
    /// Path and query.
    let path: String
    /// The request as it goes over the wire.
    let bytes: [UInt8]

    private static let maximumBytes = 64 << 20

    /// `http://127.0.0.1:8080/hello`
    var url: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return "http://\(host):\(self.port)\(self.path)"
    }

    /// - Parameters:
    ///   - url: `http://HOST[:PORT][/PATH]`.
    ///   - headers: `Name: value`; one that is given replaces the generator's own.
    init(url: String, method: String, headers: [String], body: [UInt8]) throws(LoadError) {
        let scheme = "http://"
        guard url.hasPrefix(scheme) else {
            throw LoadError("the load goes over plain HTTP/1.1: the URL must begin with \(scheme); got '\(url)'")
        }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let hasPort = authority.last != "]" && authority.contains(":")
        let endpoint: HTTPEndpoint
        do {
            endpoint = try HTTPEndpoint(parsing: hasPort ? String(authority) : authority + ":80")
        } catch {
            throw LoadError("'\(url)' does not name a host: write http://HOST:PORT/PATH")
        }
        let path = rest.dropFirst(authority.count)
        try self.init(
            host: endpoint.host,
            port: endpoint.port,
            path: path.hasPrefix("/") ? String(path) : "/" + path,
            method: method,
            headers: headers,
            body: body
        )
    }

    init(
        host: String,
        port: Int,
        path: String,
        method: String,
        headers: [String],
        body: [UInt8]
    ) throws(LoadError) {
        guard path.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }), path.hasPrefix("/")
        else {
            throw LoadError("the path must begin with / and be percent-encoded; got '\(path)'")
        }
        guard !method.isEmpty, method.utf8.allSatisfy(ByteClass.token.contains) else {
            throw LoadError("'\(method)' is not a method: letters such as GET or POST")
        }
        self.host = host
        self.port = port
        self.method = method
        self.path = path
        var fields: [(name: String, value: String)] = []
        let address = host.contains(":") ? "[\(host)]" : host
        fields.append(("host", port == 80 ? address : "\(address):\(port)"))
        if !body.isEmpty || !["GET", "HEAD", "DELETE", "OPTIONS"].contains(method) {
            fields.append(("content-length", "\(body.count)"))
        }
        for header in headers {
            let field = try Self.field(header)
            fields.removeAll { $0.name == field.name }
            fields.append(field)
        }
        let head = "\(method) \(path) HTTP/1.1\r\n" + fields.map { "\($0.name): \($0.value)\r\n" }.joined() + "\r\n"
        self.bytes = Array(head.utf8) + body
        guard self.bytes.count <= Self.maximumBytes else {
            throw LoadError(
                "a request has at most \(Self.maximumBytes >> 20) MB; this one has \(self.bytes.count) bytes"
            )
        }
    }

    private static func field(_ header: String) throws(LoadError) -> (name: String, value: String) {
        let name = header.prefix { $0 != ":" }
        let value = header.dropFirst(name.count + 1).drop { $0 == " " }
        guard name.count < header.count, !name.isEmpty, name.utf8.allSatisfy(ByteClass.token.contains),
            value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 })
        else { throw LoadError("a header is 'Name: value' on one line; got '\(header)'") }
        return (name.lowercased(), String(value))
    }
}
