import Testing

/// What is refused before it costs memory.
@Suite struct AdmissionTests {
    private func server(_ configuration: String = "return {}") throws -> RunningServer {
        let workspace = try Workspace([
            "small.lua": """
            return { limits = { request_mb = 1 }, routes = { "POST /small" },
              fetch = function(request) return tostring(#request:text()) end }
            """
        ])
        try workspace.writeBeside("edgehost.lua", configuration)
        return try RunningServer(workspace)
    }

    private static func head(_ target: String, _ fields: String) -> String {
        "\(target) HTTP/1.1\r\nhost: localhost\r\n\(fields)\r\n\r\n"
    }

    @Test func aWorkersOwnLimitHoldsBeforeTheBodyIsSent() throws {
        let server = try self.server()
        for fields in ["content-length: 1048577", "content-length: 1048577\r\nexpect: 100-continue"] {
            let client = try server.client()
            try client.send(Self.head("POST /small", fields))
            let response = try client.readResponse()
            #expect(response.status == 413)
            #expect(response.body.contains(#""outcome":"request_too_large","worker":"small""#))
            #expect(response.header("connection") == "close")
            #expect(try client.readToEnd() == "")
        }
        let fits = try server.client()
        #expect(try fits.request("POST", "/small", body: String(repeating: "x", count: 1 << 20)).body == "1048576")
        #expect(try server.stop() == .exit(0))
    }

    @Test func aChunkedBodyIsCutAtTheWorkersLimit() throws {
        let server = try self.server()
        let client = try server.client()
        try client.send(Self.head("POST /small", "transfer-encoding: chunked"))
        try client.send("100000\r\n" + String(repeating: "x", count: 1 << 20) + "\r\n1\r\n")
        let response = try client.readResponse()
        #expect(response.status == 413)
        #expect(response.body.contains(#""outcome":"request_too_large","worker":"small""#))
        #expect(try client.readToEnd() == "")
        #expect(try server.stop() == .exit(0))
    }

    @Test(arguments: [("POST /nowhere", 404), ("PUT /small", 405)])
    func aRouteThatNobodyTakesReadsNoLargeBody(target: String, status: Int) throws {
        let server = try self.server()
        let small = try server.client()
        let parts = target.split(separator: " ").map(String.init)
        #expect(try small.request(parts[0], parts[1], body: "a little").status == status)
        #expect(try small.request("POST", "/small", body: "abc").body == "3")
        let large = try server.client()
        try large.send(Self.head(target, "content-length: 10000000"))
        let response = try large.readResponse()
        #expect(response.status == status)
        #expect(response.header("connection") == "close")
        #expect(try large.readToEnd() == "")
        #expect(try server.stop() == .exit(0))
    }

    @Test func oneAddressHasItsShareOfConnections() throws {
        let server = try self.server("return { connections = { total = 10, per_address = 2 } }")
        let clients = [try server.client(), try server.client()]
        for client in clients { #expect(try client.request("POST", "/small", body: "abc").body == "3") }
        let third = try server.client()
        let refusal = try third.readResponse()
        #expect(refusal.status == 503)
        #expect(refusal.header("retry-after") == "1")
        #expect(refusal.body.contains("from this address"))
        for client in clients { client.close() }
        third.close()
        let deadline = Deadline()
        while true {
            let client = try server.client()
            if (try? client.request("POST", "/small", body: "abc").status) == 200 { break }
            try deadline.check("the connections that closed are counted still")
        }
        #expect(try server.stop() == .exit(0))
    }
}
