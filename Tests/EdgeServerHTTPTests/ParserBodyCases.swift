@testable import EdgeServer

extension ParserCases {
    static let lengths: [ParserCase] = [
        .field("Content-Length: 0", .request("GET / @h 1.1 keep {host:h;content-length:0}")),
        .field("Content-Length: 3\r\n\r\nabc", .request("GET / @h 1.1 keep {host:h;content-length:3} <abc>")).trimmed(
            4
        ),
        .field("Content-Length: 003\r\n\r\nabc", .request("GET / @h 1.1 keep {host:h;content-length:003} <abc>"))
            .trimmed(4),
        .field("Content-Length:", .failure(.invalidContentLength)),
        .field("Content-Length: +3", .failure(.invalidContentLength)),
        .field("Content-Length: -1", .failure(.invalidContentLength)),
        .field("Content-Length: 3a", .failure(.invalidContentLength)),
        .field("Content-Length: 0x3", .failure(.invalidContentLength)),
        .field("Content-Length: 3 3", .failure(.invalidContentLength)),
        .field("Content-Length: 3, 3", .failure(.invalidContentLength)),
        .field("Content-Length: 3\r\nContent-Length: 3", .failure(.repeatedContentLength)),
        .field("Content-Length: 3\r\nContent-Length: 4", .failure(.repeatedContentLength)),
        .field("Content-Length: 33", .failure(.bodyTooLarge)),
        .field("Content-Length: 99999999999999999999", .failure(.bodyTooLarge)),
        .field("Content-Length: 9223372036854775808", .failure(.bodyTooLarge)),
        .field("Transfer-Encoding: chunked\r\nContent-Length: 3", .failure(.conflictingLengths)),
        .field("Content-Length: 3\r\nTransfer-Encoding: chunked", .failure(.conflictingLengths)),
        .field("Content-Length: 0\r\nTransfer-Encoding: chunked", .failure(.conflictingLengths)),
        .field("Transfer-Encoding: gzip, chunked", .failure(.unsupportedTransferEncoding)),
        .field("Transfer-Encoding: chunked, gzip", .failure(.invalidTransferEncoding)),
        .field("Transfer-Encoding: gzip", .failure(.invalidTransferEncoding)),
        .field("Transfer-Encoding: identity", .failure(.invalidTransferEncoding)),
        .field("Transfer-Encoding: xchunked", .failure(.invalidTransferEncoding)),
        .field("Transfer-Encoding: chunked, chunked", .failure(.invalidTransferEncoding)),
        .field("Transfer-Encoding: \u{b}chunked", .failure(.invalidFieldValue)),
        .field("Transfer-Encoding:", .failure(.invalidTransferEncoding)),
        .field("Transfer-Encoding: chunked;q=1", .failure(.invalidTransferEncoding)),
        .field(
            "TE: chunked\r\nTransfer-Encoding: chunked\r\ntransfer-encoding: chunked",
            .failure(.invalidTransferEncoding)
        ),
        ParserCase("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .failure(.invalidTransferEncoding)),
        ParserCase(
            "POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nab",
            .request("POST / 1.0 close {content-length:2} <ab>")
        ),
        ParserCase("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabc"),
    ]

    private static func chunked(_ body: String) -> ParserOutcome {
        .request("POST / @h 1.1 keep {host:h;transfer-encoding:chunked}" + (body.isEmpty ? "" : " <\(body)>"))
    }

    static let chunkedBodies: [ParserCase] = [
        .chunks("0\r\n\r\n", chunked("")),
        .chunks("3\r\nabc\r\n0\r\n\r\n", chunked("abc")),
        .chunks("3\r\nabc\r\n1\r\n\r\r\n0\r\n\r\n", chunked("abc\r")),
        .chunks("A\r\n0123456789\r\n0b\r\n0123456789x\r\n000\r\n\r\n", chunked("01234567890123456789x")),
        .chunks("3;a=b;c=\"d\"\r\nabc\r\n0;x\r\n\r\n", chunked("abc")),
        .chunks("3 ;a\r\nabc\r\n0\r\n\r\n", chunked("abc")),
        .chunks("0\r\nX-T: v\r\nY: w\r\n\r\n", chunked("")),
        .chunks("3\r\nabc\r\n0\r\nHost: evil\r\n\r\n", chunked("abc")),
        .chunks("3 \r\nabc\r\n0\r\n\r\n", .failure(.malformedChunk)),
        .chunks(" 3\r\nabc\r\n0\r\n\r\n", .failure(.malformedChunk)),
        .chunks("0x3\r\nabc\r\n0\r\n\r\n", .failure(.malformedChunk)),
        .chunks("-1\r\n", .failure(.malformedChunk)),
        .chunks("\r\n", .failure(.malformedChunk)),
        .chunks(";a\r\n", .failure(.malformedChunk)),
        .chunks("g\r\n", .failure(.malformedChunk)),
        .chunks("3\nabc\r\n0\r\n\r\n", .failure(.bareLineFeed)),
        .chunks("3\r\nabcd\r\n0\r\n\r\n", .failure(.malformedChunk)),
        .chunks("3\r\nabc\n0\r\n\r\n", .failure(.malformedChunk)),
        .chunks("3\r\nabc\rx0\r\n\r\n", .failure(.malformedChunk)),
        .chunks("3;a\rb\r\nabc\r\n0\r\n\r\n", .failure(.malformedChunk)),
        .chunks("3;a\u{0}\r\nabc\r\n0\r\n\r\n", .failure(.malformedChunk)),
        .chunks("21\r\n", .failure(.bodyTooLarge)),
        .chunks("20\r\n" + String(repeating: "x", count: 32) + "\r\n1\r\n", .failure(.bodyTooLarge)),
        .chunks("7fffffffffffffff\r\n", .failure(.bodyTooLarge)),
        .chunks("ffffffffffffffff\r\n", .failure(.bodyTooLarge)),
        .chunks("10000000000000003\r\n", .failure(.bodyTooLarge)),
        .chunks("0\r\nX T: v\r\n\r\n", .failure(.invalidFieldName)),
        .chunks("0\r\nX-T: v\r\n folded\r\n\r\n", .failure(.foldedField)),
        .chunks("0\r\nX-T: \u{0}\r\n\r\n", .failure(.invalidFieldValue)),
        .chunks("0\r\nX-T: v\n\r\n", .failure(.bareLineFeed)),
    ]

    static let pipelines: [ParserCase] = [
        ParserCase(
            "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: i\r\n\r\n",
            .request("GET /1 @h 1.1 keep {host:h}"),
            .request("GET /2 @i 1.1 keep {host:i}")
        ),
        ParserCase(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
            .request("POST / @h 1.1 keep {host:h;content-length:1} <a>"),
            .request("GET /2 @h 1.1 keep {host:h}")
        ),
        ParserCase(
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /2 HTTP/1.0\r\n\r\n",
            .request("POST / @h 1.1 keep {host:h;transfer-encoding:chunked}"),
            .request("GET /2 1.0 close {}")
        ),
        // What follows a body is a request of its own: nothing of the first leaks into it.
        ParserCase(
            "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\r\nabGET / HTTP/1.1\r\n\r\n",
            .request("POST / @h 1.1 close {host:h;connection:close;content-length:2} <ab>"),
            .failure(.missingHost)
        ),
    ]

    private static func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    static let limits: [ParserCase] = [
        .requestLine("GET /\(repeated("a", 46)) HTTP/1.1", .request("GET /\(repeated("a", 46)) @h 1.1 keep {host:h}")),
        .requestLine("GET /\(repeated("a", 47)) HTTP/1.1", .failure(.requestLineTooLong)),
        ParserCase(repeated("A", 61)),
        ParserCase(repeated("A", 62), .failure(.requestLineTooLong)),
        .field("X: \(repeated("a", 37))", .request("GET / @h 1.1 keep {host:h;x:\(repeated("a", 37))}")),
        .field("X: \(repeated("a", 38))", .failure(.headTooLarge)),
        .field("X: \(repeated("a", 60))", .failure(.headTooLarge)),
        .field("A: 1\r\nB: 2\r\nC: 3\r\nD: 4", .request("GET / @h 1.1 keep {host:h;a:1;b:2;c:3;d:4}")),
        .field("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5", .failure(.headTooLarge)),
        .field(repeated("X: \(repeated("a", 35))\r\n", 3) + "Y: 234567890", .failure(.headTooLarge)),
        .field(
            repeated("X: \(repeated("a", 35))\r\n", 3) + "Y: 23456789",
            .request("GET / @h 1.1 keep {host:h;\(repeated("x:\(repeated("a", 35));", 3))y:23456789}")
        ),
        .chunks("1;\(repeated("e", 18))\r\na\r\n0\r\n\r\n", chunked("a")),
        .chunks("1;\(repeated("e", 19))\r\na\r\n0\r\n\r\n", .failure(.malformedChunk)),
        .chunks("1;\(repeated("e", 12))\r\na\r\n1;\(repeated("e", 12))\r\nb\r\n0\r\n\r\n", .failure(.malformedChunk)),
        .chunks("0\r\n\(repeated("T: \(repeated("a", 15))\r\n", 2))\r\n", chunked("")),
        .chunks("0\r\n\(repeated("T: \(repeated("a", 15))\r\n", 3))\r\n", .failure(.headTooLarge)),
        .chunks("0\r\n\(repeated("T: \r\n", 6))\r\n", .failure(.headTooLarge)),
    ]
}

extension ParserCase {
    /// Without the last `count` bytes of the input, for cases whose body takes the place of the line that ends the
    /// head.
    func trimmed(_ count: Int) -> ParserCase {
        var copy = self
        copy.input = String(decoding: Array(self.input.utf8).dropLast(count), as: UTF8.self)
        return copy
    }
}
