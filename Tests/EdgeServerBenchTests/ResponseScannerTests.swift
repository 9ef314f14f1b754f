import Testing

@testable import EdgeServer

struct ResponseScannerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var status: Int
        var isPersistent = true
        var isHead = false

        var testDescription: String { self.text.replacing("\r\n", with: "|") }
    }

    private static let whole = [
        Case(text: "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", status: 200),
        Case(text: "HTTP/1.1 200 OK\r\nCONTENT-Length:\t0 \r\n\r\n", status: 200),
        Case(text: "HTTP/1.1 503 \r\nretry-after: 1\r\ncontent-length: 2\r\n\r\n{}", status: 503),
        Case(text: "HTTP/1.1 204 No Content\r\n\r\n", status: 204),
        Case(text: "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", status: 304),
        Case(text: "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", status: 200, isHead: true),
        Case(
            text: "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nConnection: Close\r\n\r\nx",
            status: 200,
            isPersistent: false
        ),
        Case(text: "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx", status: 200, isPersistent: false),
        Case(text: "HTTP/1.0 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\nx", status: 200),
        Case(text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 1\r\n\r\nx", status: 201),
        Case(
            text: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n1F;a=b\r\n"
                + String(repeating: "\n", count: 31) + "\r\n0\r\ntrailer: x\r\n\r\n",
            status: 200
        ),
        Case(text: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", status: 200),
    ]

    /// Scans the pieces as a connection does; what lies behind the first response is returned.
    private static func scan(
        _ pieces: [[UInt8]],
        isHead: Bool = false
    ) throws(ResponseScanner.Malformed) -> (ResponseScanner.Response?, rest: Int) {
        var scanner = ResponseScanner(isHead: isHead)
        for (index, piece) in pieces.enumerated() {
            let result = piece.withUnsafeBytes { bytes in
                Result { () throws(ResponseScanner.Malformed) in try scanner.scan(bytes) }
            }
            let (consumed, response) = try result.get()
            guard let response else {
                #expect(consumed == piece.count)
                continue
            }
            return (response, piece.count - consumed + pieces[(index + 1)...].map(\.count).reduce(0, +))
        }
        return (scanner.end(), 0)
    }

    @Test(arguments: Self.whole)
    func findsTheEndHoweverItIsCut(_ response: Case) throws {
        let bytes = Array((response.text + "HTTP/1.1").utf8)
        let expected = ResponseScanner.Response(status: response.status, isPersistent: response.isPersistent)
        for cut in 0...bytes.count {
            let (found, rest) = try Self.scan([Array(bytes[..<cut]), Array(bytes[cut...])], isHead: response.isHead)
            #expect(found == expected && rest == 8, "cut at \(cut)")
        }
        let (found, rest) = try Self.scan(bytes.map { [$0] }, isHead: response.isHead)
        #expect(found == expected && rest == 8)
    }

    @Test
    func theEndOfTheConnectionCanEndABody() throws {
        let bytes = Array("HTTP/1.1 200 OK\r\ndate: x\r\n\r\nall of it".utf8)
        let (found, _) = try Self.scan([bytes])
        #expect(found == ResponseScanner.Response(status: 200, isPersistent: false))
        #expect(try Self.scan([Array(bytes.prefix(20))]).0 == nil)
    }

    @Test(arguments: [
        "HTTP/2 200 OK\r\ncontent-length: 0\r\n\r\n", "ftp: what is it?\r\n\r\n",
        "HTTP/1.1 20x OK\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 099 OK\r\ncontent-length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1234567890123456\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nno\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n",
    ])
    func refusesWhatIsNoResponse(_ text: String) {
        #expect(throws: ResponseScanner.Malformed.self) { _ = try Self.scan([Array(text.utf8)]) }
    }

    @Test
    func headsAndLinesHaveAMaximum() {
        let endless =
            Array("HTTP/1.1 200 OK\r\na: ".utf8) + [UInt8](repeating: 0x61, count: ResponseScanner.maximumHead)
        #expect(throws: ResponseScanner.Malformed.headTooLong) { _ = try Self.scan([endless]) }
        let chunk = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + String(repeating: "1", count: 9000)
        #expect(throws: ResponseScanner.Malformed.chunk) { _ = try Self.scan([Array(chunk.utf8)]) }
    }
}
