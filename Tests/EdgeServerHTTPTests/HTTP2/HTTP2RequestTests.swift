import EdgeRuntime
import NIOCore
import Testing

@testable import EdgeServer

/// Requests and answers over HTTP/2.
@Suite("HTTP/2 requests")
struct HTTP2RequestTests {
    @Test("a request reaches the application as an HTTP/1.1 request would")
    func request() throws {
        let harness = try HTTP2Harness()
        try harness.send(
            .get(1, "/a%20b?q=1", [("cookie", "a=1"), ("x-y", "z"), ("cookie", "b=2"), ("te", "trailers")])
        )
        let request = try #require(harness.application.calls.first).request
        let head = request.head
        #expect(head.string(request.method) == "GET")
        #expect(head.string(request.path) == "/a%20b")
        #expect(head.string(request.query) == "q=1")
        #expect(head.string(request.host) == "h")
        #expect(request.version == (2, 0))
        #expect(!request.isSecure)
        #expect(request.remoteAddress == "192.0.2.1")
        #expect(request.body.isEmpty)
        let fields = head.fields.map { "\(head.string($0.name)): \(head.string($0.value))" }
        #expect(fields == ["host: h", "x-y: z", "te: trailers", "cookie: a=1; b=2"])
    }

    @Test("a host field stands in for the authority")
    func hostField() throws {
        let harness = try HTTP2Harness()
        try harness.send(.headers(1, [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", "h:1")]))
        let request = try #require(harness.application.calls.first).request
        #expect(request.head.string(request.host) == "h:1")
    }

    @Test("a request is the same however its bytes arrive")
    func split() throws {
        let bytes =
            RawFrame.preface + RawFrame.settings().bytes + RawFrame.post(1).bytes
            + RawFrame.data(1, "body", isEnd: true).bytes
        for cut in 1..<bytes.count {
            let harness = try HTTP2Harness(settings: nil)
            harness.application.onCall = { $0.respond("ok") }
            try harness.send(bytes: Array(bytes[..<cut]))
            try harness.send(bytes: Array(bytes[cut...]))
            #expect(harness.application.calls.map(\.request.body) == [Array("body".utf8)], "cut at \(cut)")
            #expect(harness.answers[1]?.text == "ok", "cut at \(cut)")
        }
    }

    @Test("a body comes in pieces, with padding and trailers")
    func body() throws {
        let harness = try HTTP2Harness()
        harness.application.onCall = { $0.respond("ok") }
        try harness.send(.post(1), .data(1, "one,"))
        let padded = RawFrame(
            kind: RawFrame.Kind.data,
            flags: 0x8,
            stream: 1,
            payload: [3] + Array("two,".utf8) + [0, 0, 0]
        )
        try harness.send(padded)
        #expect(harness.application.calls.isEmpty)
        try harness.send(.data(1, "three"), .headers(1, [("x-trailer", "t")]))
        let request = try #require(harness.application.calls.first).request
        #expect(String(decoding: request.body, as: UTF8.self) == "one,two,three")
        #expect(request.head.first("x-trailer") == nil)
        #expect(harness.answers[1]?.isComplete == true)
    }

    @Test("answers have length and date; HEAD, 204 and 304 have no body")
    func answers() throws {
        let harness = try HTTP2Harness()
        harness.application.onCall = { call in
            let status = Int(call.path.dropFirst()) ?? 200
            call.respond(status: status, "body")
        }
        try harness.send(.get(1), .headers(3, RawFrame.request("HEAD")), .get(5, "/204"), .get(7, "/304"))
        let plain = try #require(harness.answers[1])
        #expect(plain.status == "200" && plain.text == "body" && plain.isComplete)
        #expect(plain.fields["content-length"] == "4")
        #expect(plain.fields["date"]?.hasSuffix(" GMT") == true)
        let head = try #require(harness.answers[3])
        #expect(head.text.isEmpty && head.isComplete && head.fields["content-length"] == "4")
        for stream: UInt32 in [5, 7] {
            let answer = try #require(harness.answers[stream])
            #expect(answer.text.isEmpty && answer.isComplete && answer.fields["content-length"] == nil)
        }
        #expect(harness.goAwayCode == nil)
    }

    @Test("a field of connections is left out of an answer")
    func connectionField() throws {
        let harness = try HTTP2Harness()
        harness.application.onCall = { call in
            var head = HTTPResponseHead(status: 200)
            head.fields.appendField(name: "Proxy-Connection", value: "x")
            head.fields.appendField(name: "X-A", value: "1")
            call.sink.respond(head, body: UnsafeRawBufferPointer(start: nil, count: 0))
        }
        try harness.send(.get(1))
        #expect(harness.answers[1]?.fields["x-a"] == "1")
        #expect(harness.answers[1]?.fields["proxy-connection"] == nil)
        #expect(harness.answers[1]?.isComplete == true)
    }

    @Test("a client that waits for 100 Continue gets it")
    func expectContinue() throws {
        let harness = try HTTP2Harness()
        harness.application.onCall = { $0.respond("ok") }
        try harness.send(.post(1, "/", [("expect", "100-continue")]))
        #expect(harness.answers[1]?.status == "100")
        try harness.send(.data(1, "x", isEnd: true))
        #expect(harness.answers[1]?.status == "100 200")
        try harness.send(.post(3, "/", [("expect", "200-ok")]))
        #expect(harness.answers[3]?.status == "417")
    }

    @Test("a body over the limit gets 413, and the rest of it is declined")
    func bodyLimit() throws {
        let harness = try HTTP2Harness { $0.limits.body = 10 }
        try harness.send(.post(1, "/", [("content-length", "11")]))
        #expect(harness.answers[1]?.status == "413")
        #expect(harness.answers[1]?.reset == ErrorCode.none)
        try harness.send(.post(3), .data(3, "12345"), .data(3, "123456"))
        #expect(harness.answers[3]?.status == "413")
        #expect(harness.answers[3]?.isComplete == true)
        #expect(harness.answers[3]?.reset == ErrorCode.none)
        #expect(harness.application.calls.isEmpty)
        harness.application.onCall = { $0.respond("ok") }
        try harness.send(.get(5))
        #expect(harness.answers[5]?.status == "200")
    }

    @Test("the requests of one connection that are not whole have a limit together")
    func inputTogether() throws {
        let harness = try HTTP2Harness { $0.http2.waitingInput = 1000 }
        let long = String(repeating: "x", count: 800)
        let short = String(repeating: "y", count: 300)
        try harness.send(.post(1), .data(1, long), .post(3), .data(3, short))
        #expect(harness.answers[3]?.status == "503")
        #expect(harness.answers[3]?.fields["retry-after"] == "1")
        harness.application.onCall = { $0.respond("ok") }
        try harness.send(.data(1, "90", isEnd: true), .post(5), .data(5, short, isEnd: true))
        #expect(harness.answers[1]?.status == "200")
        #expect(harness.answers[5]?.status == "200")
    }

    @Test("the windows of a body are opened again as it is read")
    func receiveWindows() throws {
        let harness = try HTTP2Harness()
        harness.application.onCall = { $0.respond("\($0.request.body.count)") }
        let chunk = String(repeating: "x", count: 16_384)
        try harness.send(.post(1))
        var (stream, connection) = (262_144, 1_048_576)
        for _ in 0..<200 {
            let before = harness.frames.count
            try harness.send(.data(1, chunk))
            stream -= chunk.count
            connection -= chunk.count
            for frame in harness.frames[before...] where frame.kind == RawFrame.Kind.windowUpdate {
                if frame.stream == 0 { connection += Int(frame.number()) } else { stream += Int(frame.number()) }
            }
            #expect(stream >= chunk.count && connection >= chunk.count)
        }
        try harness.send(.data(1, isEnd: true))
        #expect(harness.answers[1]?.text == "\(200 * chunk.count)")
    }

    @Test("data of a request that was refused does not use the connection's window up")
    func discardedData() throws {
        let harness = try HTTP2Harness { $0.limits.body = 10 }
        try harness.send(.post(1, "/", [("content-length", "600000")]))
        #expect(harness.answers[1]?.reset == ErrorCode.none)
        let chunk = String(repeating: "x", count: 16_384)
        for _ in 0..<15 { try harness.send(.data(1, chunk)) }
        harness.application.onCall = { $0.respond("ok") }
        try harness.send(.get(3))
        #expect(harness.answers[3]?.status == "200")
        #expect(harness.goAwayCode == nil)
    }
}
