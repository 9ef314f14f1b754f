/// One route that a worker wants.
public struct RouteClaim: Sendable {
    /// The worker's number, which a match returns.
    public let worker: Int
    /// The display path of the file that claims it.
    public let file: String
    public let pattern: RoutePattern

    public init(worker: Int, file: String, pattern: RoutePattern) {
        self.worker = worker
        self.file = file
        self.pattern = pattern
    }
}

/// Two claims on one route: the same host, the same method or both any, and the same shape of path.
public struct RouteConflict: Sendable, Equatable, CustomStringConvertible {
    /// Workers in the order of the claims; the table serves the first. Equal when one worker claims a route twice.
    public let first: Int
    public let second: Int
    /// Names both files.
    public let description: String
}

/// What the request's method, host and path lead to.
public enum RouteMatch: Sendable, Equatable {
    case found(RouteHit)
    case notFound
    /// The path is served, with other methods only: their names, sorted.
    case methodNotAllowed(allow: [String])
}

/// The route that a request takes.
public struct RouteHit: Sendable, Equatable {
    public let worker: Int
    /// Index into ``RouteTable/routes``.
    public let route: Int
    /// What `:name` and `*` stand for, in the order of the path.
    public let parameters: [RouteParameter]
}

/// A parameter's name (`*` for the rest of the path) and its percent-decoded value.
public struct RouteParameter: Sendable, Equatable {
    public let name: String
    public let value: [UInt8]
}

/// All routes of a deployment, compiled for lookup in time proportional to the segments of the path.
///
/// The most specific route wins: an exact host before `*.host`, a longer `*.host` before a shorter, any of them before no
/// host; then, segment by segment from the left, static before `:name` before `*`; then its method before any method. `HEAD` is
/// served by a route for `GET` where there is none for itself. Where a more specific route has the wrong method, the next
/// one is tried; `*` comes last.
public final class RouteTable: Sendable {
    private let trie: RouteTrie

    private init(_ trie: RouteTrie) {
        self.trie = trie
    }

    /// The claims that the table serves.
    public var routes: [RouteClaim] { self.trie.routes }

    /// Compiles the claims. Of two that conflict the table holds the first.
    public static func build(_ claims: [RouteClaim]) -> (table: RouteTable, conflicts: [RouteConflict]) {
        var trie = RouteTrie()
        var conflicts: [RouteConflict] = []
        for claim in claims {
            if let conflict = trie.insert(claim) { conflicts.append(conflict) }
        }
        return (RouteTable(trie), conflicts)
    }

    /// Looks a request up. `host` may hold a port, which is ignored; `path` is percent-encoded and without query. Allocates
    /// only where the route has parameters or the path is percent-encoded.
    public func match(
        method: UnsafeRawBufferPointer,
        host: UnsafeRawBufferPointer,
        path: UnsafeRawBufferPointer
    ) -> RouteMatch {
        self.trie.match(method: method, host: host, path: path)
    }
}
