import Testing

@testable import EdgeRuntime

/// What ``RouteTable`` must answer, found by trying every route.
private struct ReferenceTable {
    let claims: [RouteClaim]

    func match(_ method: String, _ path: String, host: String) -> RouteMatch {
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var best: (rank: [Int], number: Int)?
        var allowed: Set<String> = []
        for (number, claim) in self.claims.enumerated() {
            guard let hostRank = self.rank(claim.pattern.host, host), let shape = self.rank(claim.pattern, segments)
            else {
                continue
            }
            guard let methodRank = self.rank(claim.pattern.method, method) else {
                allowed.insert(claim.pattern.method ?? "")
                continue
            }
            let rank = claim.pattern.isFallback ? [-1, methodRank] : [hostRank] + shape + [methodRank]
            if best.map({ $0.rank.lexicographicallyPrecedes(rank) }) ?? true { best = (rank, number) }
        }
        if let best {
            let claim = self.claims[best.number]
            return .found(
                RouteHit(worker: claim.worker, route: best.number, parameters: self.parameters(claim.pattern, segments))
            )
        }
        if allowed.isEmpty { return .notFound }
        if allowed.contains("GET") { allowed.insert("HEAD") }
        return .methodNotAllowed(allow: allowed.sorted())
    }

    private func rank(_ wanted: String?, _ method: String) -> Int? {
        guard let wanted else { return 1 }
        return wanted == method ? 3 : wanted == "GET" && method == "HEAD" ? 2 : nil
    }

    private func rank(_ wanted: RoutePattern.Host, _ host: String) -> Int? {
        switch wanted {
        case .any: 0
        case .exact(let name): name == host ? 1_000 : nil
        case .below(let name): host.hasSuffix("." + name) ? name.utf8.count : nil
        }
    }

    private func rank(_ pattern: RoutePattern, _ segments: [String]) -> [Int]? {
        if pattern.isFallback { return [] }
        var rank: [Int] = []
        for (index, wanted) in pattern.segments.enumerated() {
            guard index < segments.count else { return nil }
            switch wanted {
            case .rest:
                return rank + [1]
            case .parameter:
                if segments[index].isEmpty { return nil }
                rank.append(2)
            case .fixed(let bytes):
                if PercentCoding.decode(segments[index].utf8) != bytes { return nil }
                rank.append(3)
            }
        }
        return rank.count == segments.count ? rank : nil
    }

    private func parameters(_ pattern: RoutePattern, _ segments: [String]) -> [RouteParameter] {
        pattern.segments.enumerated().compactMap { index, wanted in
            switch wanted {
            case .fixed: nil
            case .parameter(let name):
                RouteParameter(name: name, value: PercentCoding.decode(segments[index].utf8))
            case .rest:
                RouteParameter(name: "*", value: PercentCoding.decode(segments[index...].joined(separator: "/").utf8))
            }
        }
    }
}

@Suite struct RouteTableRandomTests {
    @Test func answersLikeTheReference() throws {
        let seed = UInt64.random(in: 0..<UInt64.max)
        var generator = SeededGenerator(seed: seed)
        func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator) ?? "" }
        var found = 0
        var refused = 0
        for round in 0..<300 {
            var patterns: [String] = []
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                if pick(["*", "", "", "", "", ""]) == "*" { patterns.append(pick(["*", "GET *"])) }
                var path = ""
                for depth in 0..<Int.random(in: 1...4, using: &generator) {
                    path += "/" + pick(["a", "b", "", "%61", ":p\(depth)", ":q\(depth)"])
                }
                path += pick(["", "", "/*"])
                patterns.append(
                    pick(["", "", "GET ", "POST ", "HEAD "]) + pick(["", "", "x.y", "*.y", "*.x.y"]).lowercased() + path
                )
            }
            let (table, conflicts) = try makeTable(patterns)
            #expect(table.routes.count + conflicts.count == patterns.count)
            let reference = ReferenceTable(claims: table.routes)
            for _ in 0..<60 {
                var path = ""
                for _ in 0..<Int.random(in: 1...5, using: &generator) {
                    path += "/" + pick(["a", "b", "", "%61", "%2F", "c", "%"])
                }
                let method = pick(["GET", "POST", "HEAD", "PUT"])
                let host = pick(["", "y", "x.y", "w.x.y", "z"])
                let answer = table.match(method, path, host: host)
                let expected = reference.match(method, path, host: host)
                #expect(
                    answer == expected,
                    "seed \(seed) round \(round): \(method) \(host) \(path) with \(patterns)"
                )
                if case .found = answer { found += 1 }
                if case .methodNotAllowed = answer { refused += 1 }
            }
        }
        #expect(found > 1_000 && refused > 100, "seed \(seed) tried too little: \(found) found, \(refused) refused")
    }
}
