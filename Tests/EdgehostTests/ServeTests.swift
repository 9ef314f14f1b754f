import Glibc
import Testing

/// `edgehost serve` from its start to a reload.
@Suite struct ServeTests {
    @Test func tellsItsWorkersAndThenWhereItListens() throws {
        let workspace = try Workspace([
            "hello.lua": "return function() return 'hello' end",
            "shop/init.lua": "return { routes = { 'GET /goods/:id' }, fetch = function(r) return r.params.id end }",
        ])
        let server = try RunningServer(workspace)
        try #require(server.announced.count == 2)
        #expect(server.announced[0].contains(/^hello  \/hello \/hello\/\*  \d+\.\d KB  \d+\.\d+ ms$/))
        #expect(server.announced[1].contains(/^shop  GET \/goods\/:id  \d+\.\d KB  \d+\.\d+ ms$/))
        #expect(server.process.problems == [])
        #expect(try server.get("/hello").body == "hello")
        #expect(try server.get("/goods/7").body == "7")
        #expect(try server.get("/nowhere").status == 404)
    }

    @Test func isWhatTheExecutableDoesByDefault() throws {
        let workspace = try Workspace(["hello.lua": "return function() return 'hello' end"])
        let server = try RunningServer(workspace, [])
        #expect(try server.get("/hello").body == "hello")
        #expect(access("\(workspace.path)/.edgehost/data.mdb", F_OK) == 0, "the store is in ./.edgehost")
    }

    @Test func eachRequestStartsFromTheImage() throws {
        let workspace = try Workspace([
            "count.lua": "n = 0 return function() n = n + 1 return tostring(n) end"
        ])
        let server = try RunningServer(workspace)
        let client = try server.client()
        for _ in 0..<50 {
            #expect(try client.request("GET", "/count").body == "1")
        }
    }

    @Test func theConfigurationFileIsReadAndOptionsWin() throws {
        let workspace = try Workspace()
        try workspace.writeBeside("lua/hello.lua", "return function(_, env) return env.NAME end")
        try workspace.writeBeside("secrets/NAME", "from the folder\n")
        try workspace.writeBeside(
            "other/hello.lua",
            "return { secrets = { 'NAME' }, fetch = function(_, env) return env.NAME end }"
        )
        try workspace.writeBeside(
            "edgehost.lua",
            "return { workers = 'lua', data = 'kv', listen = 'nonsense', threads = 1, secrets = 'secrets' }"
        )
        let server = try RunningServer(workspace, ["serve", "--workers", "other"])
        #expect(try server.get("/hello").body == "from the folder")
        #expect(access("\(workspace.path)/kv/data.mdb", F_OK) == 0)
    }

    @Test func aWorkerThatDoesNotLoadIsToldAndTheOthersServe() throws {
        let workspace = try Workspace([
            "bad.lua": "local x = 1\nreturn function( end",
            "good.lua": "return function() return 'good' end",
        ])
        let server = try RunningServer(workspace)
        #expect(server.announced.count == 1)
        try server.process.wait(for: "the error") { $0.errorLines.first { $0.hasPrefix("error: workers/bad.lua:2: ") } }
        #expect(try server.get("/good").body == "good")
        let answer = try server.get("/bad")
        #expect(answer.status == 500)
        #expect(answer.body.contains("\"outcome\":\"load_failed\""))
    }

    @Test func aHangUpLoadsAgainAndNothingElseDoes() throws {
        let workspace = try Workspace([
            "page.lua": "return function() return 'one' end", "old.lua": "return function() return 'old' end",
        ])
        let server = try RunningServer(workspace)
        try workspace.write("page.lua", "return function() return 'two' end")
        try workspace.write("new.lua", "return function() return 'new' end")
        try workspace.delete("old.lua")
        #expect(try server.get("/page").body == "one", "serve does not watch")
        server.process.signal(SIGHUP)
        try server.process.line("removed old") { $0 == "removed old" }
        #expect(try server.get("/page").body == "two")
        #expect(try server.get("/new").body == "new")
        #expect(try server.get("/old").status == 404)
    }

    @Test func aBrokenReloadKeepsTheLastGoodVersion() throws {
        let workspace = try Workspace(["page.lua": "return function() return 'one' end"])
        let server = try RunningServer(workspace)
        try workspace.write("page.lua", "\n\nreturn function(")
        server.process.signal(SIGHUP)
        try server.process.wait(for: "the error") { $0.errorLines.first { $0.contains("workers/page.lua:3: ") } }
        #expect(try server.get("/page").body == "one")
        try workspace.write("page.lua", "return function() return 'three' end")
        server.process.signal(SIGHUP)
        try server.process.line("updated page") { $0.hasPrefix("updated page  ") }
        #expect(try server.get("/page").body == "three")
    }

    @Test func manyHangUpsEndWithTheLastContent() throws {
        let workspace = try Workspace(["page.lua": "return function() return '0' end"])
        let server = try RunningServer(workspace)
        for version in 1...30 {
            try workspace.replace("page.lua", "return function() return '\(version)' end")
            server.process.signal(SIGHUP)
        }
        _ = try server.get("/page") { $0.body == "30" }
        #expect(try server.stop() == .exit(0))
    }
}
