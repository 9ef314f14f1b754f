import Testing

@testable import EdgeRuntime

extension RouteTable {
    func match(_ method: String, _ path: String, host: String = "") -> RouteMatch {
        Array(method.utf8).withUnsafeBytes { method in
            Array(host.utf8).withUnsafeBytes { host in
                Array(path.utf8).withUnsafeBytes { self.match(method: method, host: host, path: $0) }
            }
        }
    }
}

/// `worker name=value ...`, or `404`, or `405 METHODS`; workers are numbered by the pattern.
private func shown(_ match: RouteMatch) -> String {
    switch match {
    case .notFound: "404"
    case .methodNotAllowed(let allow): "405 " + allow.joined(separator: ",")
    case .found(let hit):
        ([String(hit.worker)] + hit.parameters.map { "\($0.name)=\(String(decoding: $0.value, as: UTF8.self))" })
            .joined(separator: " ")
    }
}

func makeTable(_ patterns: [String]) throws -> (table: RouteTable, conflicts: [RouteConflict]) {
    RouteTable.build(
        try patterns.enumerated().map {
            RouteClaim(worker: $0.offset, file: "workers/w\($0.offset).lua", pattern: try RoutePattern($0.element))
        }
    )
}

@Suite struct RoutePatternTests {
    @Test(arguments: [
        ("", "must be"), ("GET  /x", "must be"), ("GET /x y", "must be"), (" /x", "capital letters"),
        ("get /x", "capital letters"),
        ("x", "must have a path"), ("cart/:user", "a host needs a dot"), ("a.example", "must have a path"),
        ("http://a.example/x", "without scheme and port"), ("a.example:80/x", "without scheme and port"),
        ("a..example/x", "must begin with"), ("*example.com/x", "must begin with"), ("*.*.com/x", "must begin with"),
        ("/a/*/b", "at its end only"), ("/a*", "within a segment"), ("/a?b", "within a segment"), ("/:", "after \":\""),
        ("/:a-b", "after \":\""), ("/:1", "after \":\""), ("/:a/:a", "twice"), ("/a\u{7f}", "control characters"),
        (String(repeating: "/a", count: 65), "at most 64"), ("/" + String(repeating: "a", count: 2_048), "longer than"),
    ])
    func invalidOnesSayWhy(_ text: String, reason: String) {
        let error = #expect(throws: RoutePattern.Invalid.self) { try RoutePattern(text) }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test func partsAreRead() throws {
        let pattern = try RoutePattern("POST API.Example.com/cart/:user/*")
        #expect(pattern.method == "POST")
        #expect(pattern.host == .exact("api.example.com"))
        #expect(pattern.parameterNames == ["user", "*"])
        #expect(try RoutePattern("*.example.com/").host == .below("example.com"))
        #expect(try RoutePattern("localhost/x").host == .exact("localhost"))
        #expect(try RoutePattern("*").isFallback)
        #expect(try RoutePattern("GET *").method == "GET")
        #expect(try RoutePattern("/*").isFallback == false)
    }
}

@Suite struct RouteTableTests {
    struct Case: Sendable {
        let patterns: [String]
        /// "METHOD PATH" or "METHOD HOST PATH", and the expected answer.
        let requests: [(String, String)]
    }

    @Test(arguments: [
        Case(
            patterns: ["/hello", "/hello/*", "/", "/cart/:user"],
            requests: [
                ("GET /hello", "0"), ("PUT /hello", "0"), ("GET /hello/", "1 *="), ("GET /hello/a/b", "1 *=a/b"),
                ("GET /", "2"), ("GET /hell", "404"), ("GET /Hello", "404"), ("GET //", "404"), ("GET //hello", "404"),
                ("GET /cart/ann", "3 user=ann"), ("GET /cart/", "404"), ("GET /cart", "404"), ("GET /cart/a/b", "404"),
                ("GET /cart/a/", "404"), ("OPTIONS *", "404"), ("GET hello", "404"),
            ]
        ),
        Case(
            patterns: ["/a/b", "/a/:x", "/a/*", "/:x/b", "/*", "*"],
            requests: [
                ("GET /a/b", "0"), ("GET /a/c", "1 x=c"), ("GET /a/", "2 *="), ("GET /a/c/d", "2 *=c/d"),
                ("GET /z/b", "3 x=z"),
                ("GET /z/c", "4 *=z/c"), ("GET /a", "4 *=a"), ("GET /", "4 *="), ("OPTIONS *", "5"),
            ]
        ),
        Case(
            patterns: ["GET /a", "POST /a", "/b", "GET /b", "HEAD /c", "GET /c", "PUT /:x"],
            requests: [
                ("GET /a", "0"), ("HEAD /a", "0"), ("POST /a", "1"), ("DELETE /a", "405 GET,HEAD,POST,PUT"),
                ("GET /b", "3"),
                ("HEAD /b", "3"), ("POST /b", "2"), ("HEAD /c", "4"), ("GET /c", "5"), ("PUT /a", "6 x=a"),
                ("PUT /c", "6 x=c"),
                ("POST /zz", "405 PUT"), ("get /a", "405 GET,HEAD,POST,PUT"), ("DELETE /x/y", "404"),
            ]
        ),
        Case(patterns: ["GET /a", "*"], requests: [("POST /a", "1"), ("GET /b", "1"), ("GET /a", "0")]),
        Case(patterns: ["GET *"], requests: [("HEAD /b", "0"), ("POST /b", "405 GET,HEAD")]),
        Case(
            patterns: ["/x", "a.example/x", "*.example/x", "*.b.example/x", "GET a.example/y", "/y", "localhost/*"],
            requests: [
                ("GET other /x", "0"), ("GET a.example /x", "1"), ("GET A.Example.:8080 /x", "1"),
                ("GET c.example /x", "2"),
                ("GET c.b.example /x", "3"), ("GET d.c.b.example /x", "3"), ("GET b.example /x", "2"),
                ("GET example /x", "0"),
                ("GET a.example /y", "4"), ("POST a.example /y", "5"), ("GET a.example /z", "404"),
                ("GET .example /x", "0"),
                ("GET localhost:80 /q", "6 *=q"), ("GET [::1]:80 /x", "0"), ("GET : /x", "0"),
            ]
        ),
        Case(
            patterns: ["/caf\u{e9}", "/a%2Fb", "/p/:x", "/f/*", "/%3Ax", "/a//b", "/t/", "/../q", "/100%"],
            requests: [
                ("GET /caf%C3%A9", "0"), ("GET /caf%c3%a9", "0"), ("GET /c%61f\u{e9}", "0"), ("GET /a%2fb", "1"),
                ("GET /a/b", "404"), ("GET /p/a%2Fb", "2 x=a/b"), ("GET /p/a+b%20c", "2 x=a+b c"),
                ("GET /p/%zz%4", "2 x=%zz%4"),
                ("GET /f/a%2Fb/c%25", "3 *=a/b/c%"), ("GET /:x", "4"), ("GET /a//b", "5"), ("GET /t/", "6"),
                ("GET /t", "404"),
                ("GET /../q", "7"), ("GET /f/../q", "3 *=../q"), ("GET /100%", "8"), ("GET /100%25", "8"),
            ]
        ),
    ])
    func answers(_ test: Case) throws {
        let (table, conflicts) = try makeTable(test.patterns)
        #expect(conflicts == [])
        for (request, expected) in test.requests {
            let parts = request.split(separator: " ").map(String.init)
            let answer = table.match(parts[0], parts[parts.count - 1], host: parts.count == 3 ? parts[1] : "")
            #expect(shown(answer) == expected, "\(request)")
        }
    }

    @Test(arguments: [
        ("/a", "/a", true), ("/a/:x", "/a/:y", true), ("GET /a", "GET /a", true), ("GET /a", "/a", false),
        ("GET /a", "POST /a", false), ("GET /a", "HEAD /a", false), ("*", "*", true), ("*", "/*", false),
        ("a.example/x", "A.example/x", true), ("a.example/x", "*.example/x", false), ("a.example/x", "/x", false),
        ("/a/*", "/a/:x", false), ("/a", "/a/", false), ("/%61", "/a", true),
    ])
    func conflictsNameBothFiles(_ first: String, second: String, isConflict: Bool) throws {
        let (table, conflicts) = try makeTable([first, second])
        #expect(conflicts.count == (isConflict ? 1 : 0))
        #expect(table.routes.count == (isConflict ? 1 : 2))
        guard let conflict = conflicts.first else { return }
        #expect(conflict.first == 0 && conflict.second == 1)
        #expect(conflict.description.contains("workers/w0.lua and workers/w1.lua both claim"))
        #expect(conflict.description.contains(first) && conflict.description.contains(second))
    }

    @Test func tenThousandWorkers() throws {
        let claims = (0..<10_000).flatMap { worker in
            RoutePattern.defaults(forWorker: "worker-\(worker)")
                .map { RouteClaim(worker: worker, file: "w", pattern: $0) }
        }
        let (table, conflicts) = RouteTable.build(claims)
        #expect(conflicts.isEmpty)
        for worker in stride(from: 0, to: 10_000, by: 97) {
            #expect(shown(table.match("GET", "/worker-\(worker)")) == "\(worker)")
            #expect(shown(table.match("GET", "/worker-\(worker)/x")) == "\(worker) *=x")
        }
        #expect(table.match("GET", "/worker-10000") == .notFound)
    }

    /// Every level has a static and a parameter branch: without the trie's bound this would take 2^30 steps.
    @Test func backtrackingIsBounded() throws {
        let patterns = (0..<30).map { depth in
            "/" + (0..<30).map { $0 < depth ? ":p\($0)" : "a" }.joined(separator: "/") + "/end"
        }
        let (table, _) = try makeTable(patterns)
        #expect(table.match("GET", String(repeating: "/a", count: 30) + "/other") == .notFound)
        #expect(table.match("GET", String(repeating: "/a", count: 100_000)) == .notFound)
    }
}
