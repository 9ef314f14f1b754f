@testable import EdgeRuntime

extension FuzzTarget {
    /// Routes, one in a line, up to an empty line; then requests, `METHOD HOST PATH`. Each goes where trying every route says.
    static let routes = FuzzTarget("routes") { input in
        var choices = Choices(input)
        var claims: [RouteClaim] = []
        while let line = choices.line(), !line.isEmpty, claims.count < 16 {
            guard let pattern = try? RoutePattern(String(decoding: line, as: UTF8.self)) else { continue }
            claims.append(RouteClaim(worker: claims.count, file: "w\(claims.count).lua", pattern: pattern))
        }
        let (table, conflicts) = RouteTable.build(claims)
        guard table.routes.count + conflicts.count == claims.count else {
            throw Violation("\(claims.count) claims, \(table.routes.count) routes, \(conflicts.count) conflicts")
        }
        while let line = choices.line() {
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
            guard words.count == 3 else { continue }
            try Self.check(table, method: Array(words[0]), host: Array(words[1]), path: Array(words[2]))
        }
    }

    private static func check(_ table: RouteTable, method: [UInt8], host: [UInt8], path: [UInt8]) throws {
        let answer = method.withUnsafeBytes { method in
            host.withUnsafeBytes { host in
                path.withUnsafeBytes { path in table.match(method: method, host: host, path: path) }
            }
        }
        let takers = table.routes.indices.filter { Self.takes(table.routes[$0].pattern, host: host, path: path) }
        let served = takers.filter { Self.takes(table.routes[$0].pattern.method, method) }
        switch answer {
        case .found(let hit):
            guard served.contains(hit.route) else { throw Violation("\(answer) does not take the request") }
            guard table.routes[hit.route].worker == hit.worker else {
                throw Violation("\(answer) is of another worker")
            }
            guard hit.parameters.map(\.name) == table.routes[hit.route].pattern.parameterNames else {
                throw Violation("\(answer) has other parameters")
            }
        case .notFound:
            guard takers.isEmpty else { throw Violation("not found, though \(takers) take it") }
        case .methodNotAllowed(let allow):
            guard served.isEmpty, !takers.isEmpty else { throw Violation("\(answer), though \(served) take it") }
            let missing = takers.compactMap { table.routes[$0].pattern.method }.filter { !allow.contains($0) }
            guard missing.isEmpty else { throw Violation("\(answer) lacks \(missing)") }
        }
    }

    private static func takes(_ wanted: String?, _ method: [UInt8]) -> Bool {
        guard let wanted else { return true }
        return method.elementsEqual(wanted.utf8) || (wanted == "GET" && method.elementsEqual("HEAD".utf8))
    }

    private static func takes(_ pattern: RoutePattern, host: [UInt8], path: [UInt8]) -> Bool {
        if pattern.isFallback { return true }
        guard path.first == UInt8(ascii: "/"), Self.takes(pattern.host, Self.name(of: host)) else { return false }
        var segments = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
        for wanted in pattern.segments {
            if wanted == .rest { return !segments.isEmpty }
            guard let segment = segments.popFirst() else { return false }
            switch wanted {
            case .fixed(let bytes): if PercentCoding.decode(segment) != bytes { return false }
            case .parameter: if segment.isEmpty { return false }
            case .rest: break
            }
        }
        return segments.isEmpty
    }

    /// A host without port and last dot, in lower case.
    private static func name(of host: [UInt8]) -> [UInt8] {
        var name = host[...]
        if let colon = name.lastIndex(of: UInt8(ascii: ":")) { name = name[..<colon] }
        if name.last == UInt8(ascii: ".") { name = name.dropLast() }
        return name.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    private static func takes(_ wanted: RoutePattern.Host, _ name: [UInt8]) -> Bool {
        guard !name.isEmpty, name.count <= HostName.maximumLength else { return wanted == .any }
        switch wanted {
        case .any: return true
        case .exact(let text): return name.elementsEqual(text.utf8)
        case .below(let text):
            let suffix = Array(".\(text)".utf8)
            return name.count > suffix.count && name.suffix(suffix.count).elementsEqual(suffix)
        }
    }
}
