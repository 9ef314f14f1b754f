import Testing

@testable import EdgeRuntime

@Suite struct EgressPatternTests {
    @Test(arguments: [
        ("api.example.com:443", "api.example.com", 443, true), ("api.example.com:443", "API.Example.com.", 443, true),
        ("api.example.com:443", "api.example.com", 80, false), ("api.example.com:443", "x.api.example.com", 443, false),
        ("API.example.com:443", "api.example.com", 443, true), ("*.example.com:443", "a.example.com", 443, true),
        ("*.example.com:443", "a.b.example.com", 443, true), ("*.example.com:443", "example.com", 443, false),
        ("*.example.com:443", "badexample.com", 443, false), ("*.example.com:443", ".example.com", 443, false),
        ("127.0.0.1:8080", "127.0.0.1", 8080, true), ("[::1]:8080", "::1", 8080, true),
        ("[0::0:1]:8080", "::1", 8080, true),
        ("[::1]:8080", "0:0::1", 8080, true), ("[::1]:8080", "::2", 8080, false),
    ])
    func allows(_ pattern: String, host: String, port: Int, expected: Bool) throws {
        #expect(try EgressPattern(pattern).allows(host: host, port: port) == expected)
    }

    @Test(arguments: [
        ("api.example.com", "name a port"), ("[::1]", "name a port"), ("api.example.com:0", "1 to 65535"),
        ("api.example.com:65536", "1 to 65535"), ("api.example.com:+443", "1 to 65535"),
        ("api.example.com:", "1 to 65535"),
        ("https://api.example.com:443", "without scheme"), (":443", "host:port"), ("*:443", "host:port"),
        ("a.*.com:443", "host:port"), ("*.[::1]:443", "host:port"), ("a..b:443", "host:port"),
        ("[::g]:443", "host:port"),
        ("api.example.com/x:443", "path"),
    ])
    func invalidOnesSayWhy(_ text: String, reason: String) {
        let error = #expect(throws: EgressPattern.Invalid.self) { try EgressPattern(text) }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }
}
