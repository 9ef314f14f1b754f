import Glibc
import Testing

/// Clients that misbehave, and that the server goes on without a trace of them.
@Suite struct ConnectionTests {
    private func server() throws -> RunningServer {
        let workspace = try Workspace([
            "echo.lua": "return function(request) return request:text() end",
            "path.lua": "return function(request) return request.path end",
            "endless.lua": """
            return function()
              return Response.stream(function(write) while true do write(("x"):rep(60000)) end end)
            end
            """,
        ])
        // In its sandbox a process keeps its list of open files from other users than root, and so from this test.
        return try RunningServer(workspace, ["serve", "--no-sandbox"])
    }

    private static let begin = "POST /echo HTTP/1.1\r\nhost: localhost\r\n"

    /// Waits until the process has no more files open than it had; each round is a request.
    private func expectFiles(of server: RunningServer, toReturnTo base: Int) throws {
        // The one connection that asks is open itself.
        let client = try server.client()
        let deadline = Deadline()
        repeat {
            #expect(try client.request("GET", "/path").body == "/path")
            try deadline.check("\(server.openFiles) files are open, \(base) were")
        } while server.openFiles > base
    }

    /// The number of open files with one connection.
    private func base(of server: RunningServer) throws -> Int {
        let client = try server.client()
        // A first request may open what stays open.
        #expect(try client.request("GET", "/path").status == 200)
        return server.openFiles
    }

    @Test func clientsThatStallDisturbNobody() throws {
        let server = try self.server()
        let base = try self.base(of: server)
        var stalled: [HTTPClient] = []
        for text in ["", "POST /ec", Self.begin, Self.begin + "content-length: 10\r\n\r\nhalf"] {
            for _ in 0..<5 {
                let client = try server.client()
                try client.send(text)
                stalled.append(client)
            }
        }
        for _ in 0..<20 { #expect(try server.get("/path").body == "/path") }
        // A stalled one may go on.
        try stalled[stalled.count - 1].send("+ half")
        #expect(try stalled[stalled.count - 1].readResponse().body == "half+ half")
        for client in stalled { client.close() }
        try self.expectFiles(of: server, toReturnTo: base)
        #expect(try server.stop() == .exit(0))
    }

    @Test func clientsThatGoAwayLeaveNothing() throws {
        let server = try self.server()
        let base = try self.base(of: server)
        let texts = [
            "POST /ec", Self.begin + "content-length: 10\r\n\r\nhalf",
            Self.begin + "transfer-encoding: chunked\r\n\r\n5\r\nab",
            "GET /endless HTTP/1.1\r\nhost: localhost\r\n\r\n",
        ]
        for text in texts {
            for round in 0..<10 {
                let client = try server.client()
                try client.send(text)
                round.isMultiple(of: 2) ? client.close() : client.reset()
            }
            #expect(try server.get("/path").body == "/path")
        }
        try self.expectFiles(of: server, toReturnTo: base)
        #expect(try server.stop() == .exit(0))
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let client = try self.server()
        let connection = try client.client()
        let requests = (0..<50).map { number in
            number.isMultiple(of: 2)
                ? "GET /path/\(number) HTTP/1.1\r\nhost: localhost\r\n\r\n"
                : Self.begin + "content-length: 2\r\n\r\n" + (number < 10 ? "0\(number)" : "\(number)")
        }
        try connection.send(requests.joined())
        for number in 0..<50 {
            let body = try connection.readResponse().body
            #expect(body == (number.isMultiple(of: 2) ? "/path/\(number)" : number < 10 ? "0\(number)" : "\(number)"))
        }
    }

    @Test func aRequestInManyPieces() throws {
        let server = try self.server()
        let client = try server.client()
        for byte in Self.begin + "content-length: 4\r\n\r\nbody" {
            try client.send(String(byte))
        }
        #expect(try client.readResponse().body == "body")
    }

    @Test(arguments: [
        ("GET /path HTTP/1.1\r\n\r\n", 400), ("nonsense\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", 400),
        ("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nhost: a\r\n\r\n", 414),
        ("GET /path HTTP/1.1\r\nhost: a\r\nx: \(String(repeating: "a", count: 9000))\r\n\r\n", 431),
        ("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999\r\n\r\n", 413),
    ])
    func refusedRequestsAreToldAndTheServerGoesOn(_ text: String, _ status: Int) throws {
        let server = try self.server()
        let client = try server.client()
        try client.send(text)
        #expect(try client.readResponse().status == status)
        #expect(try client.readToEnd() == "")
        #expect(try server.get("/path").body == "/path")
    }
}
