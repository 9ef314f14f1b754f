/// A host name or address and a port to listen on.
public struct HTTPEndpoint: Sendable, Equatable, CustomStringConvertible {
    /// Without brackets.
    public let host: String
    /// 0 lets the kernel pick one.
    public let port: Int

    public init(host: String, port: Int) {
        precondition((0...65535).contains(port), "a port has 16 bits")
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`; an IPv6 address stands in brackets.
    public init(parsing text: String) throws(HTTPListenerError) {
        guard let colon = text.lastIndex(of: ":") else { throw .malformedAddress(text) }
        var host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .malformedAddress(text)
        }
        guard !host.isEmpty, !host.contains(where: { "[] /".contains($0) }), digits.utf8.count <= 5,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits), port <= 65535
        else { throw .malformedAddress(text) }
        self.init(host: String(host), port: port)
    }

    public var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}
