import Glibc

/// A destination that `fetch` may reach: `host:port` or `*.host:port`.
///
/// `*.example.com` stands for every name below `example.com`, at any depth, not for `example.com` itself. An IPv6
/// address is written in brackets.
public struct EgressPattern: Sendable, Hashable, CustomStringConvertible {
    /// Lower case; an address in its canonical form without brackets; without `*.`.
    public let host: String
    public let isWildcard: Bool
    public let port: UInt16

    /// Why a text is no pattern, to follow the name of the field: `must be ...`.
    struct Invalid: Error {
        let reason: String
    }

    init(_ text: String) throws(Invalid) {
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else {
            throw Invalid(reason: "must name a port too, such as \"api.example.com:443\"")
        }
        let digits = text[text.index(after: colon)...]
        guard let port = UInt16(digits), port > 0, digits.utf8.allSatisfy(SourceName.isDigit) else {
            throw Invalid(reason: "must end in a port from 1 to 65535, such as \"api.example.com:443\"")
        }
        self.port = port
        var host = text[..<colon]
        self.isWildcard = host.hasPrefix("*.")
        if self.isWildcard { host = host.dropFirst(2) }
        if host.hasPrefix("["), host.hasSuffix("]"), !self.isWildcard,
            let address = Self.canonicalIPv6(String(host.dropFirst().dropLast()))
        {
            self.host = address
            return
        }
        guard HostName.isValid(host.utf8) else {
            throw Invalid(reason: "must be \"host:port\" or \"*.host:port\", without scheme or path")
        }
        self.host = host.lowercased()
    }

    /// Whether this pattern covers a destination. `host` is a name or an address without brackets, in any case.
    public func allows(host: String, port: Int) -> Bool {
        guard port == Int(self.port) else { return false }
        var host = host.lowercased()
        if host.hasSuffix(".") { host.removeLast() }
        if self.isWildcard { return host.hasSuffix("." + self.host) && host.utf8.count > self.host.utf8.count + 1 }
        return host == self.host || (host.contains(":") && Self.canonicalIPv6(host) == self.host)
    }

    public var description: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return "\(self.isWildcard ? "*." : "")\(host):\(self.port)"
    }

    private static func canonicalIPv6(_ text: String) -> String? {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let base = buffer.baseAddress,
                inet_ntop(AF_INET6, &address, base, socklen_t(buffer.count)) != nil
            else { return nil }
            return String(cString: base)
        }
    }
}

/// Names of hosts as they appear in routes and egress patterns.
enum HostName {
    static let maximumLength = 253

    /// Labels of letters, digits, `-` and `_`, 1 to 63 bytes each, separated by dots.
    static func isValid(_ host: some Collection<UInt8>) -> Bool {
        guard !host.isEmpty, host.count <= self.maximumLength else { return false }
        return host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.allSatisfy(self.isLabelByte)
        }
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        SourceName.isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
}
