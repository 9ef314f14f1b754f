/// What a worker may claim of the URLs: `[METHOD ][host]/path`, or `*` for whatever no other worker takes.
///
/// - `GET /cart/:user`: `:name` stands for one segment that is not empty.
/// - `/files/*`: `*`, at the end only, stands for the rest, which may be empty: `/files/` matches, `/files` does not.
/// - `api.example.com/cart`, `*.example.com/cart`: `*.` stands for any name below, at any depth, not for `example.com` itself.
///
/// A path is split at `/` as it was sent, before it is percent-decoded: `%2F` never splits. `.` and `..` are segments like any
/// other, and `//` holds an empty segment: nothing is resolved or merged. Static segments compare decoded, so `/caf%C3%A9` and
/// `/café` are one route. A `%` without two hexadecimal digits stands for itself.
public struct RoutePattern: Sendable, Hashable, CustomStringConvertible {
    public enum Host: Sendable, Hashable {
        case any
        /// Lower case.
        case exact(String)
        /// Every name below this one, which is lower case and without `*.`.
        case below(String)
    }

    enum Segment: Sendable, Hashable {
        /// Percent-decoded.
        case fixed([UInt8])
        case parameter(String)
        case rest
    }

    /// Why a text is no pattern, to follow the text: `must ...`.
    struct Invalid: Error {
        let reason: String
    }

    static let maximumSegments = 64

    /// Upper case; nil for any method.
    public let method: String?
    public let host: Host
    /// Empty for `*`.
    let segments: [Segment]
    /// Whether a segment is `:name` or `*`.
    let hasParameters: Bool
    /// As it was written.
    public let description: String

    /// Whether this is `*`, which yields to every other route.
    public var isFallback: Bool { self.segments.isEmpty }

    /// Names of the parameters in the order of the path; `*` for the rest.
    public var parameterNames: [String] {
        self.segments.compactMap {
            switch $0 {
            case .fixed: nil
            case .parameter(let name): name
            case .rest: "*"
            }
        }
    }

    /// The routes of a worker that declares none: `/name` and `/name/*`, or `/` for the worker `index`.
    public static func defaults(forWorker name: String) -> [RoutePattern] {
        if name == "index" { return [RoutePattern(path: [.fixed([])], description: "/")] }
        let segment = Segment.fixed(Array(name.utf8))
        return [
            RoutePattern(path: [segment], description: "/\(name)"),
            RoutePattern(path: [segment, .rest], description: "/\(name)/*"),
        ]
    }

    private init(path: [Segment], description: String) {
        self.method = nil
        self.host = .any
        self.segments = path
        self.hasParameters = path.contains(.rest)
        self.description = description
    }

    init(_ text: String) throws(Invalid) {
        guard text.utf8.count <= 2_048 else { throw Invalid(reason: "is longer than 2048 bytes") }
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let target = parts.last, !target.isEmpty else {
            throw Invalid(reason: "must be \"[METHOD ][host]/path\" with one space after the method, or \"*\"")
        }
        self.method = parts.count == 2 ? try Self.method(parts[0]) : nil
        self.description = text
        if target == "*" {
            self.host = .any
            self.segments = []
            self.hasParameters = false
            return
        }
        guard let slash = target.firstIndex(of: "/") else {
            throw Invalid(reason: "must have a path: begin it with \"/\"")
        }
        self.host = try Self.host(target[..<slash])
        self.segments = try Self.path(target[target.index(after: slash)...])
        self.hasParameters = self.segments.contains { segment in
            if case .fixed = segment { false } else { true }
        }
    }

    private static func method(_ text: Substring) throws(Invalid) -> String {
        let isUpper = text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        guard isUpper, (1...20).contains(text.utf8.count) else {
            throw Invalid(reason: "must begin with a method in capital letters, such as GET, or with none")
        }
        return String(text)
    }

    private static func host(_ text: Substring) throws(Invalid) -> Host {
        if text.isEmpty { return .any }
        if text.contains(":") { throw Invalid(reason: "must name the host without scheme and port") }
        let isWildcard = text.hasPrefix("*.")
        let name = isWildcard ? text.dropFirst(2) : text
        guard HostName.isValid(name.utf8) else {
            throw Invalid(
                reason: "must begin with \"/\", or with a host such as \"api.example.com\" or \"*.example.com\""
            )
        }
        guard isWildcard || name.contains(".") || name == "localhost" else {
            throw Invalid(reason: "must begin with \"/\" to be a path; a host needs a dot")
        }
        return isWildcard ? .below(name.lowercased()) : .exact(name.lowercased())
    }

    private static func path(_ text: Substring) throws(Invalid) -> [Segment] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= self.maximumSegments else {
            throw Invalid(reason: "must have at most \(self.maximumSegments) segments")
        }
        // Few: a set would cost each start more.
        var names: [String] = []
        var segments: [Segment] = []
        for (index, part) in parts.enumerated() {
            let segment = try self.segment(part, isLast: index == parts.count - 1)
            if case .parameter(let name) = segment {
                guard !names.contains(name) else { throw Invalid(reason: "must not use \":\(name)\" twice") }
                names.append(name)
            }
            segments.append(segment)
        }
        return segments
    }

    private static func segment(_ text: Substring, isLast: Bool) throws(Invalid) -> Segment {
        if text == "*" {
            guard isLast else { throw Invalid(reason: "must have \"*\" at its end only") }
            return .rest
        }
        if text.hasPrefix(":") {
            guard SourceName.isIdentifier(text.dropFirst()) else {
                throw Invalid(
                    reason: "must have a name of letters, digits and \"_\" after \":\" (a literal \":\" is %3A)"
                )
            }
            return .parameter(String(text.dropFirst()))
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f && !"*?#\"\\".utf8.contains($0) }) else {
            throw Invalid(
                reason: "must not have \"*\" within a segment (literally: %2A), nor ? # \" \\ or control characters"
            )
        }
        return .fixed(PercentCoding.decode(text.utf8))
    }
}

/// Percent-decoding of path segments.
enum PercentCoding {
    /// Every `%XX` becomes its byte; a `%` without two hexadecimal digits stays, and so does `+`.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            let pair = rest.prefix(2)
            if byte == UInt8(ascii: "%"), pair.count == 2, let first = pair.first,
                let high = self.digit(first), let low = self.digit(pair[pair.index(after: pair.startIndex)])
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
