import Glibc
import Testing

/// What SIGTERM and SIGINT do to a server at work.
@Suite struct ShutdownTests {
    /// Waits until somebody stores `go`, so that a test decides when the request ends.
    private static let gate = """
        return function(request, env)
          env.KV:put("started", "yes")
          while not env.KV:get("go") do sleep(2) end
          return "finished"
        end
        """
    private static let started = "return function(_, env) return env.KV:get('started') or 'no' end"

    private struct Scene {
        let workspace: Workspace
        let server: RunningServer
        let client: HTTPClient

        /// A server with one request in flight.
        init(gate: String = ShutdownTests.gate, path: String = "/gate") throws {
            self.workspace = try Workspace(["gate.lua": gate, "started.lua": ShutdownTests.started])
            self.server = try RunningServer(self.workspace)
            self.client = try self.server.client()
            try self.client.sendRequest("GET", path)
            _ = try self.server.get("/started") { $0.body == "yes" }
        }

        func waitUntilDraining() throws {
            try self.server.process.wait(for: "the shutdown") { $0.error.contains("shutting down") ? true : nil }
            let deadline = Deadline()
            while (try? self.server.client()) != nil {
                try deadline.check("the server still accepts connections")
            }
        }

        func openGate() throws {
            let command = try Command(["kv", "put", "go", "1"], in: self.workspace)
            try #require(command.isSuccess)
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aRequestInFlightFinishesAndNewConnectionsAreRefused(_ signal: Int32) throws {
        let scene = try Scene()
        let idle = try scene.server.client()
        #expect(try idle.request("GET", "/started").status == 200)
        scene.server.process.signal(signal)
        try scene.waitUntilDraining()
        #expect(try idle.readToEnd() == "", "an idle connection is closed at once")
        try scene.openGate()
        let response = try scene.client.readResponse()
        #expect(response.status == 200)
        #expect(response.body == "finished")
        #expect(response.header("connection") == "close")
        #expect(try scene.server.process.waitForEnd() == .exit(0))
    }

    @Test func aStreamInFlightIsCompleted() throws {
        let scene = try Scene(
            gate: """
                return function(_, env)
                  return Response.stream(function(write)
                    write("first")
                    env.KV:put("started", "yes")
                    while not env.KV:get("go") do sleep(2) end
                    write("second")
                  end)
                end
                """
        )
        scene.server.process.signal(SIGTERM)
        try scene.waitUntilDraining()
        try scene.openGate()
        #expect(try scene.client.readResponse().body == "firstsecond")
        #expect(try scene.server.process.waitForEnd() == .exit(0))
    }

    @Test func aTaskAfterTheResponseIsCompleted() throws {
        let scene = try Scene(
            gate: """
                return function(_, env, ctx)
                  ctx:wait_until(function()
                    env.KV:put("started", "yes")
                    while not env.KV:get("go") do sleep(2) end
                    env.KV:put("task", "done")
                  end)
                  return "answered"
                end
                """
        )
        #expect(try scene.client.readResponse().body == "answered")
        scene.server.process.signal(SIGTERM)
        try scene.waitUntilDraining()
        try scene.openGate()
        #expect(try scene.server.process.waitForEnd() == .exit(0))
        #expect(try Command(["kv", "get", "task"], in: scene.workspace).output == "done\n")
    }

    @Test func aHangUpMeanwhileDoesNotCutItShort() throws {
        let scene = try Scene()
        scene.server.process.signal(SIGTERM)
        try scene.waitUntilDraining()
        scene.server.process.signal(SIGHUP)
        try scene.openGate()
        #expect(try scene.client.readResponse().body == "finished")
        #expect(try scene.server.process.waitForEnd() == .exit(0))
    }

    @Test func aReloadUnderWayDoesNotHoldItUp() throws {
        let workspace = try Workspace(["page.lua": "return function() end"])
        let server = try RunningServer(workspace)
        try workspace.write("page.lua", "for _ = 1, 20000000 do end return function() end")
        server.process.signal(SIGHUP)
        #expect(try server.stop() == .exit(0))
        #expect(!server.process.error.contains("ERROR"))
    }

    @Test func aSecondSignalEndsItAtOnce() throws {
        let scene = try Scene()
        scene.server.process.signal(SIGTERM)
        try scene.waitUntilDraining()
        scene.server.process.signal(SIGTERM)
        #expect(try scene.server.process.waitForEnd() == .signal(SIGTERM))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func anIdleServerEndsAndItsStoreIsFree(_ signal: Int32) throws {
        let workspace = try Workspace(["count.lua": "return function(_, e) return tostring(e.KV:increment('n')) end"])
        for round in 1...2 {
            let server = try RunningServer(workspace)
            #expect(try server.get("/count").body == "\(round)")
            #expect(try server.stop(signal) == .exit(0))
            #expect(!server.process.error.contains("error"))
        }
    }
}
