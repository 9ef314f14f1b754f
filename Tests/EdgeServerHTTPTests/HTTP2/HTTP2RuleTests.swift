import Testing

@testable import EdgeServer

/// What RFC 9113 forbids in a request, and what a request is held to as over HTTP/1.1.
@Suite("HTTP/2 rules")
struct HTTP2RuleTests {
    enum Verdict: Sendable, Equatable {
        /// An answer with this status.
        case answer(String)
        /// RST_STREAM with this code.
        case reset(UInt32)
        /// GOAWAY with this code.
        case end(UInt32)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var frames: [RawFrame]
        var verdict: Verdict

        init(_ name: String, _ verdict: Verdict, _ frames: RawFrame...) {
            self.name = name
            self.frames = frames
            self.verdict = verdict
        }

        /// A whole GET whose fields are these.
        init(_ name: String, _ verdict: Verdict, fields: [(String, String)]) {
            self.init(name, verdict, .headers(1, fields))
        }

        /// A whole, legal GET with more fields.
        init(_ name: String, _ verdict: Verdict, more: [(String, String)]) {
            self.init(name, verdict, fields: RawFrame.request("GET") + more)
        }

        var testDescription: String { self.name }
    }

    private static let malformed = Verdict.reset(ErrorCode.protocolError)

    static let pseudoFields: [Case] = [
        Case("no method", malformed, fields: [(":scheme", "http"), (":path", "/"), (":authority", "h")]),
        Case("no scheme", malformed, fields: [(":method", "GET"), (":path", "/"), (":authority", "h")]),
        Case("no path", malformed, fields: [(":method", "GET"), (":scheme", "http"), (":authority", "h")]),
        Case("empty path", malformed, fields: RawFrame.request("GET", "")),
        Case("unknown pseudo-header", malformed, more: [(":other", "x")]),
        Case("response pseudo-header", malformed, fields: [(":status", "200")] + RawFrame.request("GET")),
        Case("repeated method", malformed, fields: [(":method", "GET")] + RawFrame.request("GET")),
        Case("late pseudo-header", malformed, fields: [("a", "b")] + RawFrame.request("GET")),
        Case("protocol without leave", malformed, fields: RawFrame.request("GET") + [(":protocol", "websocket")]),
        Case("no host at all", .answer("400"), fields: [(":method", "GET"), (":scheme", "http"), (":path", "/")]),
        Case("two hosts", .answer("400"), more: [("host", "other")]),
        Case("the same host twice", .answer("200"), more: [("host", "h")]),
        Case(
            "a host with a user",
            .answer("400"),
            fields: [
                (":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "user@h"),
            ]
        ),
        Case(
            "another scheme",
            .answer("400"),
            fields: [
                (":method", "GET"), (":scheme", "ftp"), (":path", "/"), (":authority", "h"),
            ]
        ),
        Case("a method that is no token", malformed, fields: RawFrame.request("G ET")),
        Case("a method with a control character", malformed, fields: RawFrame.request("G\u{1}T")),
        Case("CONNECT", .answer("501"), fields: [(":method", "CONNECT"), (":authority", "h:1")]),
        Case("an absolute path", .answer("400"), fields: RawFrame.request("GET", "http://h/")),
        Case("a path with a space", malformed, fields: RawFrame.request("GET", "/a b")),
        Case("a path with a number sign", .answer("400"), fields: RawFrame.request("GET", "/a#b")),
        Case("a path with a line end", malformed, fields: RawFrame.request("GET", "/a\r\nx: y")),
        Case("star without OPTIONS", .answer("400"), fields: RawFrame.request("GET", "*")),
        Case("star with OPTIONS", .answer("200"), fields: RawFrame.request("OPTIONS", "*")),
        Case(
            "a path too long",
            .answer("414"),
            fields: RawFrame.request(
                "GET",
                "/" + String(repeating: "a", count: 8192)
            )
        ),
    ]

    static let fields: [Case] = [
        Case("capital letters", malformed, more: [("X-A", "b")]),
        Case("an empty name", .end(ErrorCode.compression), more: [("", "b")]),
        Case("a space in a name", malformed, more: [("a b", "c")]),
        Case("a colon in a name", malformed, more: [("a:b", "c")]),
        Case("connection", malformed, more: [("connection", "close")]),
        Case("keep-alive", malformed, more: [("keep-alive", "1")]),
        Case("proxy-connection", malformed, more: [("proxy-connection", "close")]),
        Case("transfer-encoding", malformed, more: [("transfer-encoding", "chunked")]),
        Case("upgrade", malformed, more: [("upgrade", "h2c")]),
        Case("a line end in a value", malformed, more: [("a", "b\r\nc: d")]),
        Case("a NUL in a value", malformed, more: [("a", "b\0c")]),
        Case("a control character in a value", .answer("400"), more: [("a", "b\u{1}c")]),
        Case("a DEL in a value", .answer("400"), more: [("a", "b\u{7f}c")]),
        Case("a space before a value", .answer("400"), more: [("a", " b")]),
        Case("a tab after a value", .answer("400"), more: [("a", "b\t")]),
        Case("te: trailers", .answer("200"), more: [("te", "trailers")]),
        Case("te: gzip", malformed, more: [("te", "gzip")]),
        Case("100 fields", .answer("200"), more: (1..<100).map { ("a\($0)", "b") }),
        Case("101 fields", .answer("431"), more: (1...100).map { ("a\($0)", "b") }),
        Case("cookie crumbs count once", .answer("200"), more: (0..<200).map { ("cookie", "a\($0)=b") }),
        Case("a field too long", .answer("431"), more: [("a", String(repeating: "b", count: 8192))]),
    ]

    static let bodies: [Case] = [
        Case("a length that is no number", .reset(ErrorCode.protocolError), more: [("content-length", "x")]),
        Case("a length with a sign", .answer("400"), .post(1, "/", [("content-length", "+1")])),
        Case("a negative length", malformed, .post(1, "/", [("content-length", "-1")])),
        Case("two lengths", malformed, .post(1, "/", [("content-length", "1"), ("content-length", "2")])),
        Case("a length without a body", malformed, more: [("content-length", "5")]),
        Case(
            "a body shorter than its length",
            malformed,
            .post(1, "/", [("content-length", "5")]),
            .data(1, "1234", isEnd: true)
        ),
        Case(
            "a body longer than its length",
            malformed,
            .post(1, "/", [("content-length", "5")]),
            .data(1, "123456")
        ),
        Case(
            "a body of its length",
            .answer("200"),
            .post(1, "/", [("content-length", "5")]),
            .data(1, "12345", isEnd: true)
        ),
        Case("an empty body", .answer("200"), .post(1), .data(1, isEnd: true)),
        Case("trailers that do not end", malformed, .post(1), .headers(1, [("a", "b")], isEnd: false)),
        Case("a pseudo-header in trailers", malformed, .post(1), .headers(1, [(":path", "/")])),
        Case("data after the end", .end(ErrorCode.streamClosed), .post(1), .data(1, isEnd: true), .data(1, "x")),
    ]

    static let connections: [Case] = [
        Case("data on stream 0", .end(ErrorCode.protocolError), .data(0, "x")),
        Case("headers on stream 0", .end(ErrorCode.protocolError), .headers(0, RawFrame.request("GET"))),
        Case("a stream of the server's", .end(ErrorCode.protocolError), .get(2)),
        Case("a stream again", .end(ErrorCode.protocolError), .get(1), .get(1)),
        Case("a stream that goes back", .end(ErrorCode.protocolError), .post(5), .post(3)),
        Case("data on an idle stream", .end(ErrorCode.protocolError), .data(7, "x")),
        Case("a window of an idle stream", .end(ErrorCode.protocolError), .windowUpdate(7, 1)),
        Case("a reset of an idle stream", .end(ErrorCode.protocolError), .reset(7)),
        Case("a window update by nothing", .end(ErrorCode.protocolError), .windowUpdate(0, 0)),
        Case("a window that overflows", .end(ErrorCode.flowControl), .windowUpdate(0, 0x7fff_ffff)),
        Case(
            "a stream's window that overflows",
            .reset(ErrorCode.flowControl),
            .post(1),
            .windowUpdate(1, 0x7fff_ffff)
        ),
        Case(
            "a promise of the client's",
            .end(ErrorCode.protocolError),
            RawFrame(kind: RawFrame.Kind.pushPromise, flags: 4, stream: 1, payload: RawFrame.word(2))
        ),
        Case("a continuation of nothing", .end(ErrorCode.protocolError), .continuation(1, [], isWhole: true)),
        Case(
            "another frame inside headers",
            .end(ErrorCode.protocolError),
            .headers(1, RawFrame.request("GET"), isWhole: false),
            .ping()
        ),
        Case(
            "a frame over the maximum",
            .end(ErrorCode.frameSize),
            .post(1),
            .data(1, String(repeating: "x", count: 16_385))
        ),
        Case("a ping of seven bytes", .end(ErrorCode.frameSize), .ping(false, Array("1234567".utf8))),
        Case(
            "settings of five bytes",
            .end(ErrorCode.frameSize),
            RawFrame(kind: RawFrame.Kind.settings, payload: [0, 1, 0, 0, 0])
        ),
        Case(
            "settings on a stream",
            .end(ErrorCode.protocolError),
            RawFrame(kind: RawFrame.Kind.settings, stream: 1)
        ),
        Case("an initial window too large", .end(ErrorCode.flowControl), .settings([(4, 0x8000_0000)])),
        Case("a frame size too small", .end(ErrorCode.protocolError), .settings([(5, 100)])),
        Case(
            "padding beyond the frame",
            .end(ErrorCode.protocolError),
            .post(1),
            RawFrame(kind: RawFrame.Kind.data, flags: 8, stream: 1, payload: [9, 1])
        ),
        Case("a stream that depends on itself", .end(ErrorCode.protocolError), .priority(1, dependsOn: 1)),
        Case(
            "a header block that is no HPACK",
            .end(ErrorCode.compression),
            RawFrame(kind: RawFrame.Kind.headers, flags: 5, stream: 1, payload: [0xff, 0xff, 0xff, 0xff, 0xff])
        ),
        Case(
            "an index of an empty table",
            .end(ErrorCode.compression),
            RawFrame(kind: RawFrame.Kind.headers, flags: 5, stream: 1, payload: [0xfe])
        ),
        Case("an unknown frame is ignored", .answer("200"), RawFrame(kind: 0x42, stream: 1, payload: [1]), .get(1)),
        Case("an unknown setting is ignored", .answer("200"), .settings([(0x99, 1)]), .get(1)),
    ]

    @Test("a request is judged", arguments: Self.pseudoFields + Self.fields + Self.bodies + Self.connections)
    func judges(_ rule: Case) throws {
        let harness = try HTTP2Harness()
        harness.application.onCall = { $0.respond("ok") }
        for frame in rule.frames { try harness.send(frame) }
        let verdict: Verdict? =
            if let code = harness.goAwayCode {
                .end(code)
            } else if let answer = harness.answers[1], answer.isComplete {
                .answer(answer.status)
            } else {
                harness.answers[1]?.reset.map { .reset($0) }
            }
        #expect(verdict == rule.verdict)
        if case .end = rule.verdict {
            #expect(!harness.isOpen)
        } else {
            try harness.send(.get(101))
            #expect(harness.answers[101]?.status == "200", "the connection goes on")
        }
    }
}
