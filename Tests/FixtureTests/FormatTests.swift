import Testing

/// The fixtures' own machinery: a test that can't fail shows nothing.
@Suite("fixture format")
struct FormatTests {
    private static let hello = """
        --- workers/hello.lua
        return function() log.info("said") return Response.text("hello\\n", { headers = { ["x-a"] = "1" } }) end

        """

    @Test(
        "a response that differs is a problem",
        arguments: [
            ("<<< 201", "the status is 200"),
            ("<<< 200\nx-a: 2", "no header field"),
            ("<<< 200\nx-b: ~*", "no header field"),
            ("<<< 200\n!x-a", "there is a header field"),
            ("<<< 200\n\nhello!", "the body is not"),
            ("<<< 200\n\n~h*x", "the body is not"),
            ("<<< 200\n@escaped\n\nhello", "the body is not the expected"),
            ("<<< 200\n@empty", "the body is not the expected"),
            ("<<< 200\n@length 5", "the body has 6 bytes"),
            ("<<< 200\n@json\n\n\"hello\"", "the body is not the JSON"),
            ("<<< 200\n@broken", "the body did not break off"),
            ("<<< 200\n@outcome exception", "the outcome is ok"),
            ("<<< 200\n@failure boom", "the failure is 'none'"),
            ("<<< 200\n@log", "the log is"),
            ("<<< 200\n@log info other", "the log is"),
            ("<<< 200\n@log info said\n@log info said", "the log is"),
        ],
        Transport.allCases
    )
    func differs(_ expected: (response: String, problem: String), _ transport: Transport) throws {
        let text = Self.hello + ">>> GET /hello\n" + expected.response + "\n"
        let problems = try FixtureRunner.problems(of: FixtureParser.parse(text), over: transport)
        #expect(problems.contains { $0.contains(expected.problem) && $0.hasPrefix("line 3, GET /hello: ") })
    }

    @Test("a response that is as expected is none", arguments: Transport.allCases)
    func holds(_ transport: Transport) throws {
        let text = Self.hello + ">>> GET /hello\n<<< 200\nx-a: ~*\n@log info said\n@outcome ok\n@length 6\n"
        #expect(try FixtureRunner.problems(of: FixtureParser.parse(text), over: transport).isEmpty)
    }

    @Test("a diagnostic more or less is a problem", arguments: Transport.allCases)
    func diagnostics(_ transport: Transport) throws {
        let missing = Self.hello + "=== diagnostics\nworkers/hello.lua:1: broken\n"
        let unexpected = "--- workers/a.lua\nreturn 42\n"
        for text in [missing, unexpected] {
            let problems = try FixtureRunner.problems(of: FixtureParser.parse(text), over: transport)
            #expect(problems.count == 1 && problems[0].contains("diagnostic"))
        }
    }

    @Test(
        "a mistake in a fixture names its line",
        arguments: [
            ("@nothing\n", "line 1: '@nothing' is no setting"),
            ("--- workers/a.lua odd\n", "line 1: 'odd' is not"),
            ("=== diagnostics\n", "line 1: diagnostics follow files"),
            ("<<< 200\n", "line 1: a response follows a request"),
            (">>> GET\n", "line 1: a request is"),
            (">>> GET /\nhost\n", "line 2: 'host' is no header field"),
            (">>> GET /\n@what\n", "line 2: '@what' is no directive of a request"),
            (">>> GET /\n<<< OK\n", "line 2: a status is a number"),
            (">>> GET /\n<<< 200\n@what\n", "line 3: '@what' is no directive of a response"),
            (">>> POST /\n@escaped\n\n\\q\n", "line 1: the escapes are"),
            ("# only a remark\n", "the fixture has no scripts"),
        ]
    )
    func mistakes(_ text: String, _ message: String) {
        let error = #expect(throws: FixtureError.self) { try FixtureParser.parse(text) }
        #expect(error?.description.contains(message) == true)
    }

    @Test(
        "patterns",
        arguments: [
            ("abc", "abc", true), ("abc", "abcd", false), ("a*c", "abc", false), ("~a*c", "abc", true),
            ("~a*c", "ac", true), ("~a*c", "acb", false), ("~*", "", true), ("~*b*", "abc", true),
            ("~a*b*c", "aXbYc", true), ("~aba*aba", "aba", false), ("~a*bc*bc", "abcbc", true), ("~abc", "abc", true),
            ("~a*\n*b", "a1\n2b", true),
        ]
    )
    func patterns(_ pattern: String, _ text: String, _ matches: Bool) {
        #expect(TextPattern(pattern).matches(text) == matches)
    }

    @Test(
        "JSON in one form",
        arguments: [
            ("{\"b\": 1, \"a\": [1.50, \"x\\\"{\"]}", "{\"a\":[1.50,\"x\\\"{\"],\"b\":1}"),
            (" [ ] ", "[]"), ("{ }", "{}"), ("null", "null"), ("{\"a\":}", nil), ("[1,]", nil), ("[1] 2", nil),
            ("\"open", nil), ("", nil), ("word", nil),
        ]
    )
    func json(_ text: String, _ canonical: String?) {
        #expect(JSONText.canonical(Array(text.utf8)) == canonical)
    }
}
