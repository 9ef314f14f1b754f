/// The routes of a ``RouteTable`` as nodes and edges in flat arrays. A static segment, and a host, is an edge of the index; `:name` and
/// `*` are links of the node.
struct RouteTrie: Sendable {
    /// What a lookup needs of a route, apart from the claim with its references.
    struct Target {
        let worker: Int
        let hasParameters: Bool
    }

    /// A place in the trie where routes may end. Numbers are -1 for none.
    struct Node {
        var parameter: Int32 = -1
        var rest: Int32 = -1
        var firstHandler: Int32 = -1
    }

    /// One method's route at a node; a list linked through `next`.
    struct Handler {
        /// Index into `methods`; -1 for any.
        let method: Int32
        let route: Int32
        let next: Int32
    }

    static let anyHostRoot: Int32 = 0
    static let fallback: Int32 = 1
    /// Parents of host names in the index, which have no node.
    static let exactHosts: Int32 = -1
    static let hostsBelow: Int32 = -2

    private(set) var routes: [RouteClaim] = []
    private(set) var targets: [Target] = []
    private(set) var nodes = [Node(), Node()]
    private(set) var handlers: [Handler] = []
    private(set) var methods: [[UInt8]] = []
    private(set) var index = SegmentIndex()
    private(set) var hasHosts = false
    private(set) var methodOfGet: Int32 = -1

    /// Adds a claim, or gives its conflict with an earlier one.
    mutating func insert(_ claim: RouteClaim) -> RouteConflict? {
        let node = self.terminal(for: claim.pattern)
        let method = claim.pattern.method.map { self.intern($0) } ?? -1
        var next = self.nodes[Int(node)].firstHandler
        while next >= 0 {
            let handler = self.handlers[Int(next)]
            if handler.method == method { return Self.conflict(self.routes[Int(handler.route)], claim) }
            next = handler.next
        }
        self.handlers.append(
            Handler(method: method, route: Int32(self.routes.count), next: self.nodes[Int(node)].firstHandler)
        )
        self.nodes[Int(node)].firstHandler = Int32(self.handlers.count - 1)
        self.routes.append(claim)
        self.targets.append(Target(worker: claim.worker, hasParameters: claim.pattern.hasParameters))
        return nil
    }

    private mutating func terminal(for pattern: RoutePattern) -> Int32 {
        if pattern.isFallback { return Self.fallback }
        var node = self.root(of: pattern.host)
        for segment in pattern.segments {
            switch segment {
            case .fixed(let bytes):
                node = self.child(of: node, bytes)
            case .parameter:
                node = self.child(of: node, through: \.parameter)
            case .rest:
                node = self.child(of: node, through: \.rest)
            }
        }
        return node
    }

    private mutating func root(of host: RoutePattern.Host) -> Int32 {
        switch host {
        case .any:
            return Self.anyHostRoot
        case .exact(let name):
            self.hasHosts = true
            return self.child(of: Self.exactHosts, Array(name.utf8))
        case .below(let name):
            self.hasHosts = true
            return self.child(of: Self.hostsBelow, Array(name.utf8))
        }
    }

    private mutating func child(of parent: Int32, _ key: [UInt8]) -> Int32 {
        if let child = key.withUnsafeBytes({ self.index.find(parent, $0) }) { return child }
        let child = self.makeNode()
        self.index.insert(parent, key, child: child)
        return child
    }

    private mutating func child(of parent: Int32, through link: WritableKeyPath<Node, Int32>) -> Int32 {
        let known = self.nodes[Int(parent)][keyPath: link]
        if known >= 0 { return known }
        let child = self.makeNode()
        self.nodes[Int(parent)][keyPath: link] = child
        return child
    }

    private mutating func makeNode() -> Int32 {
        self.nodes.append(Node())
        return Int32(self.nodes.count - 1)
    }

    private mutating func intern(_ method: String) -> Int32 {
        let bytes = Array(method.utf8)
        if let known = self.methods.firstIndex(of: bytes) { return Int32(known) }
        self.methods.append(bytes)
        let number = Int32(self.methods.count - 1)
        if method == "GET" { self.methodOfGet = number }
        return number
    }

    private static func conflict(_ first: RouteClaim, _ second: RouteClaim) -> RouteConflict {
        var routes = "the route \(first.pattern)"
        if first.pattern.description != second.pattern.description {
            routes = "one route, as \(first.pattern) and \(second.pattern)"
        }
        let text =
            first.file == second.file
            ? "\(first.file) claims \(routes) twice" : "\(first.file) and \(second.file) both claim \(routes)"
        return RouteConflict(first: first.worker, second: second.worker, description: text)
    }
}
