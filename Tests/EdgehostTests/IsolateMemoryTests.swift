import Glibc
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

    private static let large = """
        local parts = {}
        for i = 1, 2000 do parts[i] = ("x"):rep(10000) .. i end
        return function() return tostring(#parts) end
        """

    /// What isolates share counts too: 160 MB of strings do not fit below 64 MB.
    @Test func imagesInMemoryAreBelowTheCeiling() throws {
        let names = (0..<8).map { "large\($0)" }
        let workspace = try Workspace(
            Dictionary(uniqueKeysWithValues: names.map { ("\($0).lua", Self.large) })
        )
        try workspace.writeBeside("edgehost.lua", "return { isolate_memory_mb = 64, threads = 1 }")
        #expect(try Command(["build"], in: workspace).isSuccess)
        let server = try RunningServer(workspace)
        let before = try Self.residentBytes(server)
        for name in names + names {
            let answer = try server.get("/\(name)")
            let isRefused = answer.status == 503 && answer.body.contains("overloaded")
            #expect(answer.body == "2000" || isRefused, "\(answer.body)")
            #expect(try Self.residentBytes(server) - before < 80 << 20, "after \(name)")
        }
        #expect(try server.get("/large0").body == "2000", "what rests makes room")
        #expect(try server.stop() == .exit(0))
    }

    private static func residentBytes(_ server: RunningServer) throws -> Int {
        let file = try #require(fopen("/proc/\(server.serverPID)/statm", "r"))
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 256)
        try #require(fgets(&text, Int32(text.count), file) != nil)
        let words = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
            separator: " "
        )
        return try #require(Int(words[1])) * Int(getpagesize())
    }

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
