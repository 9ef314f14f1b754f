import Glibc
import Testing

/// `edgehost dev`: what is saved is served.
@Suite struct DevTests {
    static func page(_ text: String) -> String {
        "return function() return '\(text)' end"
    }

    @Test func editsAreServedAndOnlyTheEditedWorkerIsBuilt() throws {
        let workspace = try Workspace(["page.lua": Self.page("one"), "other.lua": Self.page("other")])
        let server = try RunningServer(workspace, ["dev"])
        try workspace.write("page.lua", Self.page("two"))
        let first = try server.process.line("updated page") { $0.hasPrefix("updated page  /page /page/*  ") }
        #expect(try server.get("/page").body == "two")
        try workspace.replace("page.lua", Self.page("three"))
        try server.process.line(from: first.next, "updated page") { $0.hasPrefix("updated page  ") }
        #expect(try server.get("/page").body == "three")
        #expect(!server.process.output.contains("updated other"))
    }

    @Test func workersComeMoveAndGo() throws {
        let workspace = try Workspace(["page.lua": Self.page("page")])
        let server = try RunningServer(workspace, ["dev"])
        try workspace.write("new.lua", Self.page("new"))
        try server.process.line("added new") { $0.hasPrefix("added new  ") }
        #expect(try server.get("/new").body == "new")
        try workspace.write("folder/init.lua", "return function() return require('part') end")
        try workspace.write("folder/part.lua", "return 'part'")
        try server.process.line("added folder") { $0.hasPrefix("added folder  ") }
        #expect(try server.get("/folder") { $0.status == 200 }.body == "part")
        try workspace.move("new.lua", to: "moved.lua")
        try server.process.line("removed new") { $0 == "removed new" }
        #expect(try server.get("/new").status == 404)
        #expect(try server.get("/moved").body == "new")
        try workspace.delete("moved.lua")
        try workspace.delete("folder")
        try server.process.line("removed moved") { $0 == "removed moved" }
        try server.process.line("removed folder") { $0 == "removed folder" }
        #expect(try server.get("/moved").status == 404)
        #expect(try server.get("/folder").status == 404)
        #expect(try server.get("/page").body == "page")
    }

    @Test func aModuleRebuildsThoseThatUseItAndNoOther() throws {
        let workspace = try Workspace([
            "lib/text.lua": "return 'one'",
            "user.lua": "local text = require 'lib.text' return function() return text end",
            "other.lua": Self.page("other"),
        ])
        let server = try RunningServer(workspace, ["dev"])
        #expect(try server.get("/user").body == "one")
        try workspace.write("lib/text.lua", "return 'two'")
        try server.process.line("updated user") { $0.hasPrefix("updated user  ") }
        #expect(try server.get("/user").body == "two")
        #expect(!server.process.output.contains("updated other"))
    }

    @Test func aModuleRequiredInTheHandlerIsUpdatedToo() throws {
        let workspace = try Workspace([
            "lib/text.lua": "return 'one'",
            "lazy.lua": "return function() return require 'lib.text' end",
        ])
        let server = try RunningServer(workspace, ["dev"])
        #expect(try server.get("/lazy").body == "one")
        try workspace.write("lib/text.lua", "return 'two'")
        _ = try server.get("/lazy") { $0.body == "two" }
    }

    @Test func aModuleThatAppearsMendsItsUser() throws {
        let workspace = try Workspace(["user.lua": "local text = require 'lib.text'\nreturn function() return text end"]
        )
        let server = try RunningServer(workspace, ["dev"])
        try server.process.wait(for: "the error") { $0.errorLines.first { $0.contains("workers/user.lua:1: ") } }
        #expect(try server.get("/user").status == 500)
        try workspace.write("lib/text.lua", "return 'there'")
        try server.process.line("added user") { $0.hasPrefix("added user  ") }
        #expect(try server.get("/user").body == "there")
    }

    @Test func aBrokenSaveKeepsTheLastGoodVersion() throws {
        let workspace = try Workspace(["page.lua": Self.page("good")])
        let server = try RunningServer(workspace, ["dev"])
        try workspace.write("page.lua", "local a = 1\nreturn function() return a + end")
        try server.process.wait(for: "the error") { snapshot in
            snapshot.errorLines.first { $0.hasPrefix("error: workers/page.lua:2: unexpected symbol near 'end'") }
        }
        #expect(try server.get("/page").body == "good")
        try workspace.write("page.lua", Self.page("mended"))
        try server.process.line("updated page") { $0.hasPrefix("updated page  ") }
        #expect(try server.get("/page").body == "mended")
    }

    @Test func aTopLevelThatLoopsIsToldAndTheLastGoodVersionServes() throws {
        let workspace = try Workspace(["page.lua": Self.page("good")])
        try workspace.writeBeside("edgehost.lua", "return { startup = { cpu_ms = 50 } }")
        let server = try RunningServer(workspace, ["dev"])
        try workspace.write("page.lua", "while true do end")
        try server.process.wait(for: "the error") { snapshot in
            snapshot.errorLines.first { $0.contains("workers/page.lua: the top level ran longer than 50 ms") }
        }
        #expect(try server.get("/page").body == "good")
    }

    @Test func aConflictOfRoutesKeepsTheOldVersionAndNamesBothFiles() throws {
        let workspace = try Workspace(["first.lua": Self.page("first"), "second.lua": Self.page("second")])
        let server = try RunningServer(workspace, ["dev"])
        try workspace.write("second.lua", "return { routes = { '/first' }, fetch = function() return 'thief' end }")
        try server.process.wait(for: "the conflict") { snapshot in
            snapshot.errorLines.first { $0.contains("workers/first.lua") && $0.contains("workers/second.lua") }
        }
        #expect(try server.get("/first").body == "first")
        #expect(try server.get("/second").body == "second")
        try workspace.write("second.lua", "return { routes = { '/third' }, fetch = function() return 'third' end }")
        try server.process.line("updated second") { $0.hasPrefix("updated second  /third  ") }
        #expect(try server.get("/third").body == "third")
    }

    @Test func aRequestInFlightEndsOnItsOwnVersion() throws {
        func gate(_ version: String) -> String {
            """
            local text = require 'lib.text'
            return function(request, env)
              env.KV:put("started", "yes")
              while not env.KV:get("go") do sleep(2) end
              return "\(version) " .. text .. " " .. require "lib.lazy"
            end
            """
        }
        let workspace = try Workspace([
            "gate.lua": gate("old"), "lib/text.lua": "return 'one'", "lib/lazy.lua": "return 'eins'",
            "started.lua": "return function(_, env) return env.KV:get('started') or 'no' end",
            "go.lua": "return function(_, env) env.KV:put('go', '1') return 'gone' end",
        ])
        let server = try RunningServer(workspace, ["dev"])
        let client = try server.client()
        try client.sendRequest("GET", "/gate")
        _ = try server.get("/started") { $0.body == "yes" }
        try workspace.write("lib/text.lua", "return 'two'")
        try workspace.write("lib/lazy.lua", "return 'zwei'")
        try workspace.write("gate.lua", gate("new"))
        _ = try server.process.line("updated gate") { $0.hasPrefix("updated gate  ") }
        #expect(try server.get("/go").body == "gone")
        #expect(try server.get("/gate") { $0.body.hasPrefix("new") }.body == "new two zwei")
        #expect(try client.readResponse().body == "old one eins")
    }

    @Test func developmentShowsErrorsTimingsAndReceipts() throws {
        let workspace = try Workspace([
            "page.lua": Self.page("page"), "bad.lua": "\nreturn function() error('oh no') end",
        ])
        let server = try RunningServer(workspace, ["dev"])
        let good = try server.get("/page")
        #expect(good.header("server-timing")?.contains(/^restore;dur=.*, cpu;dur=.*, wall;dur=/) == true)
        #expect(try server.get("/bad").body.contains("workers/bad.lua:2: oh no"))
        try server.process.line("a receipt") {
            $0.contains(/^page 200 ok  wall .* ms  cpu \d+ us  heap \d+ KB  kv 0  restore/)
        }
        try server.process.line("a receipt") { $0.hasPrefix("bad 500 exception ") }
    }
}
