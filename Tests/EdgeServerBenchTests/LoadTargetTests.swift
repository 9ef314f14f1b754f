import Testing

@testable import EdgeServer

struct LoadTargetTests {
    private static func target(
        _ url: String,
        method: String = "GET",
        headers: [String] = [],
        body: String = ""
    ) throws -> LoadTarget {
        try LoadTarget(url: url, method: method, headers: headers, body: Array(body.utf8))
    }

    @Test
    func theRequestGoesAsGiven() throws {
        let target = try Self.target("http://127.0.0.1:8080/a?b=c")
        #expect(String(decoding: target.bytes, as: UTF8.self) == "GET /a?b=c HTTP/1.1\r\nhost: 127.0.0.1:8080\r\n\r\n")
        #expect(target.url == "http://127.0.0.1:8080/a?b=c")
        let post = try Self.target("http://[::1]", method: "POST", headers: ["X-A:  b ", "Host: shop"], body: "{}")
        #expect(
            String(decoding: post.bytes, as: UTF8.self)
                == "POST / HTTP/1.1\r\ncontent-length: 2\r\nx-a: b \r\nhost: shop\r\n\r\n{}"
        )
        #expect(post.host == "::1" && post.port == 80 && post.url == "http://[::1]:80/")
        #expect(try Self.target("http://a?q").path == "/?q")
    }

    @Test(arguments: [
        ("https://a/", "http://"), ("a/b", "http://"), ("http://", "host"), ("http://a:70000/", "host"),
        ("http://a/b c", "percent-encoded"), ("http://a/b#c", "percent-encoded"),
        ("http://a/\r\nx: y", "percent-encoded"),
    ])
    func anAddressThatCanNotBeSentToIsRefused(_ url: String, _ part: String) {
        #expect {
            try Self.target(url)
        } throws: { error in
            "\(error)".contains(part)
        }
    }

    @Test
    func headersAndMethodsAreChecked() {
        for header in ["no colon", ": no name", "a b: c", "a: b\r\nc: d"] {
            #expect(throws: LoadError.self, "\(header)") { try Self.target("http://a/", headers: [header]) }
        }
        #expect(throws: LoadError.self) { try Self.target("http://a/", method: "GET /") }
    }

    @Test
    func optionsOutOfRangeAreRefused() {
        let changes: [@Sendable (inout HTTPBenchmarkCommand.Request) -> Void] = [
            { $0.connections = 0 }, { $0.connections = 100_000 }, { $0.rate = "fast" }, { $0.rate = "0" },
            { $0.rate = "nan" }, { $0.rate = "1e9" }, { $0.arrivals = "random" }, { $0.duration = 0 },
            { $0.warmUp = -1 }, { $0.timeout = 0 }, { $0.duration = .infinity },
        ]
        for (index, change) in changes.enumerated() {
            var request = HTTPBenchmarkCommand.Request()
            change(&request)
            #expect(throws: LoadError.self, "change \(index)") { try HTTPBenchmarkCommand.plan(request) }
        }
    }

    @Test
    func optionsBecomeAPlan() throws {
        var request = HTTPBenchmarkCommand.Request()
        #expect(try HTTPBenchmarkCommand.plan(request).pace == .maximum)
        (request.rate, request.arrivals, request.warmUp, request.duration) = ("250.5", "poisson", 0.5, 2)
        let plan = try HTTPBenchmarkCommand.plan(request)
        #expect(plan.pace == .rate(250.5, .poisson))
        #expect(plan.window == 500_000_000..<2_500_000_000)
    }
}
