import Testing

@testable import EdgeServer

@Suite("Slow readers on real sockets")
struct SlowReaderTests {
    private static func get(_ path: String) -> String {
        ConnectionHarness.get(path)
    }

    /// Eight megabytes to a client that has asked for them and reads nothing yet.
    private func slowReader(_ server: SocketServer) throws -> SocketClient {
        let client = try server.client(receiveBuffer: 4096)
        let body = String(repeating: "x", count: 8_000_000)
        try client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body)
        _ = try client.readHead()
        return client
    }

    private static func answer(
        _ request: String,
        _ client: SocketClient
    ) throws -> (status: String, head: String, body: String) {
        try client.send(request)
        return try client.readResponse()
    }

    @Test func leavesASlowReaderAloneThatGoesOnReading() throws {
        let server = try SocketServer()
        let client = try self.slowReader(server)
        try server.sweep(after: 1)
        _ = try client.read(count: 200_000)
        try server.sweep(after: 30)
        _ = try client.read(count: 200_000)
        try server.sweep(after: 59)
        #expect(try client.read(count: 7_600_000).utf8.count == 7_600_000)
        try client.send(Self.get("/next"))
        #expect(try client.readResponse().body == "hello /next")
        try server.stop()
    }

    @Test func closesSlowReadersSoonerWhenMemoryRunsShort() throws {
        let server = try SocketServer { $0.maximumBufferedOutput = 1_000_000 }
        let client = try self.slowReader(server)
        try server.sweep(after: 1)
        try server.sweep(after: 4)
        #expect(throws: SocketClient.Failure.self) { try client.read(count: 8_000_000) }
        try server.stop()
    }

    @Test func refusesASecondLargeAnswerUntilTheFirstIsRead() throws {
        let server = try SocketServer { $0.maximumBufferedOutput = 1_000_000 }
        let client = try self.slowReader(server)
        let other = try server.client()
        let body = String(repeating: "y", count: 100_000)
        let post = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
        // Asked again until the first answer, which another event loop writes, is there to wait.
        var refusal = try Self.answer(post, other)
        for _ in 0..<1000 where refusal.status == "200 OK" { refusal = try Self.answer(post, other) }
        #expect(refusal.status == "503 Service Unavailable")
        #expect(refusal.head.contains("retry-after: 1\r\n"))
        try other.send(Self.get("/small"))
        #expect(try other.readResponse().body == "hello /small")
        _ = try client.read(count: 8_000_000)
        // The answer to one more request shows that the server has seen all of the first taken.
        try client.send(Self.get("/done"))
        #expect(try client.readResponse().body == "hello /done")
        try other.send(post)
        #expect(try other.readResponse().body == body)
        try server.stop()
    }
}
