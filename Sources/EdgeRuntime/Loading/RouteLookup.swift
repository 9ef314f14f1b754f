import Glibc

/// One lookup in a ``RouteTrie``: the request, and what has been seen so far.
struct RouteLookup {
    let path: UnsafeRawBufferPointer
    let isEncoded: Bool
    /// -1 for a method that no route names.
    let method: Int32
    let isHead: Bool
    /// Methods of routes that take the path but not the method.
    var allowed: [Int32] = []

    /// The end of the segment that begins at `start`.
    func endOfSegment(from start: Int) -> Int {
        var end = start
        while end < self.path.count, self.path[end] != UInt8(ascii: "/") { end += 1 }
        return end
    }
}

/// Goes down the trie depth first, the most specific branch first. Each node is entered by one path only, so a lookup visits
/// no node twice, whatever the routes. Routes are numbers here, -1 for none.
///
/// Methods of the trie with the state passed in, for a copy of the trie would count references to each of its arrays.
extension RouteTrie {
    /// See ``RouteTable/match(method:host:path:)``.
    func match(
        method: UnsafeRawBufferPointer,
        host: UnsafeRawBufferPointer,
        path: UnsafeRawBufferPointer
    ) -> RouteMatch {
        var lookup = RouteLookup(
            path: path,
            isEncoded: Self.isEncoded(path),
            method: self.number(ofMethod: method),
            isHead: method.elementsEqual("HEAD".utf8)
        )
        var route: Int32 = -1
        if path.first == UInt8(ascii: "/") {
            if self.hasHosts { route = self.route(ofHost: host, &lookup) }
            if route < 0 { route = self.descend(Self.anyHostRoot, from: 1, &lookup) }
        }
        if route < 0 { route = self.handler(at: Self.fallback, &lookup) }
        if route >= 0 { return .found(self.hit(Int(route), lookup)) }
        if lookup.allowed.isEmpty { return .notFound }
        var names = Set(lookup.allowed.map { String(decoding: self.methods[Int($0)], as: UTF8.self) })
        if names.contains("GET") { names.insert("HEAD") }
        return .methodNotAllowed(allow: names.sorted())
    }

    private static func isEncoded(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        return memchr(base, Int32(UInt8(ascii: "%")), bytes.count) != nil
    }

    private func number(ofMethod method: UnsafeRawBufferPointer) -> Int32 {
        for number in self.methods.indices where self.methods[number].elementsEqual(method) { return Int32(number) }
        return -1
    }

    /// The route of the most specific host that has one for the path.
    private func route(ofHost host: UnsafeRawBufferPointer, _ lookup: inout RouteLookup) -> Int32 {
        var count = host.count
        if let colon = host.lastIndex(of: UInt8(ascii: ":")) { count = colon }
        if count > 0, host[count - 1] == UInt8(ascii: ".") { count -= 1 }
        guard count > 0, count <= HostName.maximumLength else { return -1 }
        return withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { name in
            for offset in 0..<count {
                let byte = host[offset]
                let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                name[offset] = isUpper ? byte | 0x20 : byte
            }
            return self.route(ofHostNamed: UnsafeRawBufferPointer(name), &lookup)
        }
    }

    private func route(ofHostNamed name: UnsafeRawBufferPointer, _ lookup: inout RouteLookup) -> Int32 {
        if let root = self.index.find(Self.exactHosts, name) {
            let route = self.descend(root, from: 1, &lookup)
            if route >= 0 { return route }
        }
        for offset in 1..<name.count + 1 where name[offset - 1] == UInt8(ascii: ".") && offset > 1 {
            let suffix = UnsafeRawBufferPointer(rebasing: name[offset...])
            guard let root = self.index.find(Self.hostsBelow, suffix) else { continue }
            let route = self.descend(root, from: 1, &lookup)
            if route >= 0 { return route }
        }
        return -1
    }

    /// The route below `node` for the segments from `start` on, or -1. Recursion ends with the trie, whose depth is bounded.
    private func descend(_ node: Int32, from start: Int, _ lookup: inout RouteLookup) -> Int32 {
        let end = lookup.endOfSegment(from: start)
        if let child = self.fixedChild(of: node, start..<end, lookup) {
            let route = self.proceed(to: child, after: end, &lookup)
            if route >= 0 { return route }
        }
        let links = self.nodes[Int(node)]
        if links.parameter >= 0, end > start {
            let route = self.proceed(to: links.parameter, after: end, &lookup)
            if route >= 0 { return route }
        }
        return links.rest >= 0 ? self.handler(at: links.rest, &lookup) : -1
    }

    private func proceed(to child: Int32, after end: Int, _ lookup: inout RouteLookup) -> Int32 {
        end == lookup.path.count ? self.handler(at: child, &lookup) : self.descend(child, from: end + 1, &lookup)
    }

    private func fixedChild(of node: Int32, _ segment: Range<Int>, _ lookup: RouteLookup) -> Int32? {
        let bytes = UnsafeRawBufferPointer(rebasing: lookup.path[segment])
        guard lookup.isEncoded, Self.isEncoded(bytes) else { return self.index.find(node, bytes) }
        return PercentCoding.decode(bytes).withUnsafeBytes { self.index.find(node, $0) }
    }

    /// The route that ends at a node and takes the method, or -1.
    private func handler(at node: Int32, _ lookup: inout RouteLookup) -> Int32 {
        var any: Int32 = -1
        var get: Int32 = -1
        var next = self.nodes[Int(node)].firstHandler
        let first = next
        while next >= 0 {
            let handler = self.handlers[Int(next)]
            if handler.method < 0 {
                any = handler.route
            } else if handler.method == lookup.method {
                return handler.route
            } else if handler.method == self.methodOfGet {
                get = handler.route
            }
            next = handler.next
        }
        if lookup.isHead && get >= 0 { return get }
        if any < 0 { self.noteAllowed(from: first, &lookup) }
        return any
    }

    private func noteAllowed(from first: Int32, _ lookup: inout RouteLookup) {
        var next = first
        while next >= 0 {
            let handler = self.handlers[Int(next)]
            lookup.allowed.append(handler.method)
            next = handler.next
        }
    }

    private func hit(_ number: Int, _ lookup: RouteLookup) -> RouteHit {
        let target = self.targets[number]
        let parameters = target.hasParameters ? self.parameters(of: self.routes[number].pattern, lookup) : []
        return RouteHit(worker: target.worker, route: number, parameters: parameters)
    }

    /// Walks path and pattern side by side; the pattern is known to match.
    private func parameters(of pattern: RoutePattern, _ lookup: RouteLookup) -> [RouteParameter] {
        var parameters: [RouteParameter] = []
        var start = 1
        for segment in pattern.segments {
            var end = lookup.endOfSegment(from: start)
            switch segment {
            case .fixed:
                break
            case .parameter(let name):
                parameters.append(RouteParameter(name: name, value: PercentCoding.decode(lookup.path[start..<end])))
            case .rest:
                end = lookup.path.count
                parameters.append(RouteParameter(name: "*", value: PercentCoding.decode(lookup.path[start..<end])))
            }
            start = end + 1
        }
        return parameters
    }
}
