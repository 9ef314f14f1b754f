import Testing

@testable import EdgeServer

/// Raw input and what must come of it. `outcomes` is empty when more input is needed.
struct ParserCase: CustomTestStringConvertible, Sendable {
    var input: String
    var outcomes: [ParserOutcome]

    init(_ input: String, _ outcomes: ParserOutcome...) {
        self.input = input
        self.outcomes = outcomes
    }

    /// A case whose single line (request line or header field) decides; the rest of the request is fine.
    static func requestLine(_ line: String, _ outcome: ParserOutcome) -> ParserCase {
        ParserCase(line + "\r\nHost: h\r\n\r\n", outcome)
    }

    static func field(_ field: String, _ outcome: ParserOutcome) -> ParserCase {
        ParserCase("GET / HTTP/1.1\r\nHost: h\r\n" + field + "\r\n\r\n", outcome)
    }

    static func host(_ host: String, _ outcome: ParserOutcome) -> ParserCase {
        ParserCase("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n", outcome)
    }

    static func chunks(_ body: String, _ outcome: ParserOutcome) -> ParserCase {
        ParserCase("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body, outcome)
    }

    var testDescription: String {
        String(reflecting: self.input)
    }
}

enum ParserCases {
    static let all = requestLines + targets + fields + hosts + lengths + chunkedBodies + pipelines + limits

    static let requestLines: [ParserCase] = [
        .requestLine("GET / HTTP/1.1", .request("GET / @h 1.1 keep {host:h}")),
        .requestLine("M-SEARCH / HTTP/1.1", .request("M-SEARCH / @h 1.1 keep {host:h}")),
        .requestLine("get / HTTP/1.1", .request("get / @h 1.1 keep {host:h}")),
        .requestLine("GET / HTTP/1.0", .request("GET / @h 1.0 close {host:h}")),
        .requestLine("GET / HTTP/1.2", .request("GET / @h 1.1 keep {host:h}")),
        .requestLine("GET / HTTP/2.0", .failure(.unsupportedVersion)),
        .requestLine("GET / HTTP/0.9", .failure(.unsupportedVersion)),
        .requestLine("PRI * HTTP/2.0", .failure(.unsupportedVersion)),
        .requestLine("GET / http/1.1", .failure(.invalidVersion)),
        .requestLine("GET / HTTP/1.1x", .failure(.invalidVersion)),
        .requestLine("GET / HTTP/11", .failure(.invalidVersion)),
        .requestLine("GET / HTTP/1,1", .failure(.invalidVersion)),
        .requestLine("GET / HTTP/1.1 ", .failure(.invalidVersion)),
        .requestLine("GET /a b HTTP/1.1", .failure(.invalidVersion)),
        .requestLine("GET  / HTTP/1.1", .failure(.invalidVersion)),
        .requestLine("GET /  HTTP/1.1", .failure(.invalidVersion)),
        .requestLine("GET /", .failure(.malformedRequestLine)),
        .requestLine("GET", .failure(.malformedRequestLine)),
        .requestLine(" GET / HTTP/1.1", .failure(.invalidMethod)),
        .requestLine("GE\tT / HTTP/1.1", .failure(.invalidMethod)),
        .requestLine("GET\t/ HTTP/1.1", .failure(.invalidMethod)),
        .requestLine("G(T / HTTP/1.1", .failure(.invalidMethod)),
        .requestLine("G\u{0}T / HTTP/1.1", .failure(.invalidMethod)),
        .requestLine("GET\r / HTTP/1.1", .failure(.invalidMethod)),
        .requestLine("CONNECT h:443 HTTP/1.1", .failure(.unsupportedMethod)),
        .requestLine("\u{16}\u{3}\u{1}", .failure(.invalidMethod)),
        ParserCase("\u{16}\u{3}", .failure(.invalidMethod)),
        ParserCase("GET / HTTP/1.1\nHost: h\n\n", .failure(.bareLineFeed)),
        ParserCase("\nGET / HTTP/1.1\r\n", .failure(.bareLineFeed)),
        ParserCase("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", .request("GET / @h 1.1 keep {host:h}")),
        ParserCase("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", .failure(.emptyRequestLine)),
        ParserCase("\r\n"),
        ParserCase("GET / HTTP/1.1\r\nHost: h\r\n"),
        ParserCase("GET / HTTP/1.1\r\nHost: h\r\n\r"),
    ]

    static let targets: [ParserCase] = [
        .requestLine("GET /a/b?c=d&e HTTP/1.1", .request("GET /a/b ?c=d&e @h 1.1 keep {host:h}")),
        .requestLine("GET /? HTTP/1.1", .request("GET / @h 1.1 keep {host:h}")),
        .requestLine("GET /a?b?c HTTP/1.1", .request("GET /a ?b?c @h 1.1 keep {host:h}")),
        .requestLine("GET //x%2F%zz HTTP/1.1", .request("GET //x%2F%zz @h 1.1 keep {host:h}")),
        .requestLine("GET http://a.b:81/c?d HTTP/1.1", .request("GET /c ?d @a.b:81 1.1 keep {host:h}")),
        .requestLine("GET HTTPS://a HTTP/1.1", .request("GET / @a 1.1 keep {host:h}")),
        .requestLine("GET http://a?q HTTP/1.1", .request("GET / ?q @a 1.1 keep {host:h}")),
        .requestLine("OPTIONS * HTTP/1.1", .request("OPTIONS * @h 1.1 keep {host:h}")),
        .requestLine("OPTIONS http://a HTTP/1.1", .request("OPTIONS * @a 1.1 keep {host:h}")),
        .requestLine("GET * HTTP/1.1", .failure(.invalidTarget)),
        .requestLine("OPTIONS ** HTTP/1.1", .failure(.invalidTarget)),
        .requestLine("GET a HTTP/1.1", .failure(.invalidTarget)),
        .requestLine("GET ?a HTTP/1.1", .failure(.invalidTarget)),
        .requestLine("GET /#a HTTP/1.1", .failure(.invalidTarget)),
        .requestLine("GET /\u{e9} HTTP/1.1", .failure(.invalidTarget)),
        .requestLine("GET /\u{7f} HTTP/1.1", .failure(.invalidTarget)),
        .requestLine("GET /\u{0} HTTP/1.1", .failure(.invalidTarget)),
        .requestLine("GET ftp://a/ HTTP/1.1", .failure(.invalidTarget)),
        .requestLine("GET http:///a HTTP/1.1", .failure(.invalidHost)),
        .requestLine("GET http://u@a/ HTTP/1.1", .failure(.invalidHost)),
        .requestLine("GET http://a:b/ HTTP/1.1", .failure(.invalidHost)),
    ]

    static let fields: [ParserCase] = [
        .field("X-A: b", .request("GET / @h 1.1 keep {host:h;x-a:b}")),
        .field("x-a:b", .request("GET / @h 1.1 keep {host:h;x-a:b}")),
        .field("X-A: \t b c\t ", .request("GET / @h 1.1 keep {host:h;x-a:b c}")),
        .field("X-A:", .request("GET / @h 1.1 keep {host:h;x-a:}")),
        .field("X-A: b\tc: d", .request("GET / @h 1.1 keep {host:h;x-a:b\tc: d}")),
        .field("X-A: \u{e9}\u{20ac}", .request("GET / @h 1.1 keep {host:h;x-a:\u{e9}\u{20ac}}")),
        .field("!#$%&'*+-.^_`|~9Z: b", .request("GET / @h 1.1 keep {host:h;!#$%&'*+-.^_`|~9z:b}")),
        .field("A: 1\r\nA: 2", .request("GET / @h 1.1 keep {host:h;a:1;a:2}")),
        .field("X-A : b", .failure(.spaceBeforeColon)),
        .field("X-A\t: b", .failure(.spaceBeforeColon)),
        .field("X A: b", .failure(.invalidFieldName)),
        .field("X(A): b", .failure(.invalidFieldName)),
        .field("X\u{0}A: b", .failure(.invalidFieldName)),
        .field("X\u{e9}: b", .failure(.invalidFieldName)),
        .field(": b", .failure(.invalidFieldName)),
        .field("X-A", .failure(.missingColon)),
        .field("X-A: b\r\n c", .failure(.foldedField)),
        .field("X-A: b\r\n\tc: d", .failure(.foldedField)),
        .field("X-A: b\rc", .failure(.invalidFieldValue)),
        .field("X-A: b\r", .failure(.invalidFieldValue)),
        .field("X-A: b\nc: d", .failure(.bareLineFeed)),
        .field("X-A: \u{0}", .failure(.invalidFieldValue)),
        .field("X-A: 12345678\u{1}", .failure(.invalidFieldValue)),
        .field("X-A: 123\u{7f}45678", .failure(.invalidFieldValue)),
        .field("X-A: \u{1b}[31m", .failure(.invalidFieldValue)),
        .field("Connection: close", .request("GET / @h 1.1 close {host:h;connection:close}")),
        .field("Connection: a ,CLOSE,, b", .request("GET / @h 1.1 close {host:h;connection:a ,CLOSE,, b}")),
        .field("Connection: closed", .request("GET / @h 1.1 keep {host:h;connection:closed}")),
        .field("Expect: 200-ok", .failure(.unknownExpectation)),
        .field("Expect: 100-Continue", .request("GET / @h 1.1 keep {host:h;expect:100-Continue}")),
        ParserCase("GET / HTTP/1.1\r\n Host: h\r\n\r\n", .failure(.foldedField)),
        ParserCase(
            "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
            .request("GET / 1.0 keep {connection:Keep-Alive}")
        ),
        ParserCase(
            "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
            .request("GET / 1.0 close {connection:keep-alive, close}")
        ),
    ]

    static let hosts: [ParserCase] = [
        .host("a.example:8080", .request("GET / @a.example:8080 1.1 keep {host:a.example:8080}")),
        .host("127.0.0.1", .request("GET / @127.0.0.1 1.1 keep {host:127.0.0.1}")),
        .host("[::1]:80", .request("GET / @[::1]:80 1.1 keep {host:[::1]:80}")),
        .host("a%2d_b:", .request("GET / @a%2d_b: 1.1 keep {host:a%2d_b:}")),
        .host("", .request("GET / 1.1 keep {host:}")),
        .host("a b", .failure(.invalidHost)),
        .host("a/b", .failure(.invalidHost)),
        .host("u@a", .failure(.invalidHost)),
        .host("a%2", .failure(.invalidHost)),
        .host("a%zz", .failure(.invalidHost)),
        .host(":80", .failure(.invalidHost)),
        .host("a:b", .failure(.invalidHost)),
        .host("a:80:80", .failure(.invalidHost)),
        .host("a:65536", .failure(.invalidHost)),
        .host("a:123456", .failure(.invalidHost)),
        .host("[::1", .failure(.invalidHost)),
        .host("[]", .failure(.invalidHost)),
        .host("[::1]x", .failure(.invalidHost)),
        .host("[g::1]", .failure(.invalidHost)),
        .host("\u{e9}", .failure(.invalidHost)),
        .host("a\u{1}", .failure(.invalidFieldValue)),
        .host("h\r\nHost: h", .failure(.repeatedHost)),
        ParserCase("GET / HTTP/1.1\r\n\r\n", .failure(.missingHost)),
        ParserCase("GET http://a/ HTTP/1.1\r\n\r\n", .failure(.missingHost)),
        ParserCase("GET / HTTP/1.0\r\n\r\n", .request("GET / 1.0 close {}")),
    ]
}
