import Testing

/// The ceiling of all isolates' memory, which is the process's: tested on a process of its own.
@Suite struct IsolateMemoryTests {
    /// Fills its heap with what the query says, in MB; with `hold` it tells that it has and keeps it for so many ms.
    private static let greedy = """
        return {
          limits = { memory_mb = 256 },
          fetch = function(request)
            local parts = {}
            for i = 1, tonumber(request.query.mb) do parts[i] = ("x"):rep(1 << 20) .. i end
            local hold = tonumber(request.query.hold)
            if not hold then return tostring(#parts) end
            return Response.stream(function(write) write("grown " .. #parts) sleep(hold) write("kept") end)
          end,
        }
        """

    @Test func oneWorkerCanNotTakeAllMemory() throws {
        let workspace = try Workspace([
            "greedy.lua": Self.greedy, "honest.lua": "return function() return ('y'):rep(1 << 20) .. 'end' end",
        ])
        try workspace.writeBeside("edgehost.lua", "return { isolate_memory_mb = 64 }")
        let server = try RunningServer(workspace)
        #expect(try server.get("/greedy?mb=16").body == "16")
        let refused = try server.get("/greedy?mb=200")
        #expect(refused.status == 503 && refused.body.contains("\"outcome\":\"overloaded\""), "\(refused.body)")
        #expect(refused.header("retry-after") == "1")
        let holder = try server.client()
        try holder.sendRequest("GET", "/greedy?mb=12&hold=3000")
        let head = try holder.read(through: "\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 200 "), "what the one before held was given back before its answer: \(head)")
        _ = try holder.read(through: "grown 12")
        // The worker's share is used up.
        let full = try server.get("/greedy?mb=20")
        #expect(full.status == 503 && full.body.contains("overloaded"), "\(full.body)")
        #expect(try server.get("/honest").body.hasSuffix("end"), "there is room for others")
        _ = try holder.read(through: "kept\r\n0\r\n\r\n")
        #expect(try server.get("/greedy?mb=16").body == "16", "and gives it back")
        #expect(try server.stop() == .exit(0))
    }
}
