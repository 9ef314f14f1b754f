import Testing

/// `edgehost invoke`: one request without a socket.
@Suite struct InvokeTests {
    private func workspace() throws -> Workspace {
        try Workspace([
            "tell.lua": """
            return function(request)
              return Response.json(
                { request.method, request.path, request.query.q or "", request.headers["x-a"] or "", request:text() },
                { status = tonumber(request.query.status or "200"), headers = { ["x-tell"] = "yes" } })
            end
            """,
            "goods.lua": "return { routes = { 'GET /goods/:id' }, fetch = function(r) return r.params.id end }",
            "fails.lua": "\nreturn function() error('oh no') end",
            "loops.lua": "return { limits = { cpu_ms = 20 }, fetch = function() while true do end end }",
            "stream.lua": "return function() return Response.stream(function(w) w('a') sleep(1) w('b') end) end",
            "visits.lua": "return function(_, env) return tostring(env.KV:increment('visits')) end",
            "later.lua":
                "return function(_, env, ctx) ctx:wait_until(function() sleep(20) log.info('later') end) return '' end",
        ])
    }

    private func body(_ command: Command) -> String {
        guard let end = command.output.range(of: "\r\n\r\n") else { return "no body in: \(command.output)" }
        return String(command.output[end.upperBound...])
    }

    @Test func aRequestOfItsDefaults() throws {
        let command = try Command(["invoke", "tell"], in: self.workspace())
        #expect(command.isSuccess)
        #expect(command.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(command.output.contains("\r\nx-tell: yes\r\n"))
        #expect(self.body(command) == #"["GET","/tell","","",""]"#)
        #expect(command.error == "")
    }

    @Test func methodPathHeaderAndData() throws {
        let command = try Command(
            [
                "invoke", "tell", "--method", "PUT", "--path", "/tell/more?q=1%202&status=201", "--header", "X-A: b: c",
                "--header", "x-other:d", "--data", "text",
            ],
            in: self.workspace()
        )
        #expect(command.isSuccess)
        #expect(command.output.hasPrefix("HTTP/1.1 201 Created\r\n"))
        #expect(self.body(command) == #"["PUT","/tell/more","1 2","b: c","text"]"#)
    }

    @Test func placeholdersOfTheRoute() throws {
        let command = try Command(["invoke", "goods", "--path", "/goods/a%20b"], in: self.workspace())
        #expect(self.body(command) == "a b")
    }

    @Test func streamsAndTasksAreWaitedFor() throws {
        let workspace = try self.workspace()
        #expect(self.body(try Command(["invoke", "stream"], in: workspace)) == "ab")
        #expect(try Command(["invoke", "later"], in: workspace).error.contains(" info later "))
    }

    @Test func theStoreStays() throws {
        let workspace = try self.workspace()
        for round in 1...2 {
            #expect(self.body(try Command(["invoke", "visits"], in: workspace)) == "\(round)")
        }
        #expect(self.body(try Command(["invoke", "visits", "--store", "other"], in: workspace)) == "1")
        let server = try RunningServer(workspace)
        #expect(try server.get("/visits").body == "3")
        #expect(self.body(try Command(["invoke", "visits"], in: workspace)) == "4", "beside a server")
    }

    @Test(arguments: [("200", 0), ("404", 0), ("499", 0), ("500", 1), ("503", 1)])
    func theExitCodeTellsOfServerErrors(_ status: String, _ code: Int32) throws {
        let command = try Command(["invoke", "tell", "--path", "/tell?status=\(status)"], in: self.workspace())
        #expect(command.output.hasPrefix("HTTP/1.1 \(status) "))
        #expect(command.end == .exit(code))
    }

    @Test func failuresOfTheWorker() throws {
        let workspace = try self.workspace()
        let failure = try Command(["invoke", "fails"], in: workspace)
        #expect(failure.end == .exit(1))
        #expect(failure.output.hasPrefix("HTTP/1.1 500 "))
        #expect(failure.output.contains("workers/fails.lua:2: oh no"))
        let loop = try Command(["invoke", "loops"], in: workspace)
        #expect(loop.end == .exit(1))
        #expect(loop.output.contains("exceeded_cpu"))
    }

    @Test func whatCannotBeInvoked() throws {
        let workspace = try self.workspace()
        let missing = try Command(["invoke", "nobody"], in: workspace)
        #expect(missing.end == .exit(1))
        #expect(missing.error == "edgehost: there is no worker 'nobody' in ./workers\n")
        try workspace.write("broken.lua", "return = 1")
        let broken = try Command(["invoke", "broken"], in: workspace)
        #expect(broken.end == .exit(1))
        #expect(broken.error.contains("workers/broken.lua:1: "))
        #expect(try Command(["invoke", "tell"], in: workspace).isSuccess, "another worker's error is none of its own")
    }

    @Test(arguments: [["--header", "no colon"], ["--path", "tell"]])
    func wrongRequests(_ options: [String]) throws {
        let command = try Command(["invoke", "tell"] + options, in: self.workspace())
        #expect(command.end == .exit(1))
        #expect(command.error.contains("'\(options[1])'"))
    }
}
