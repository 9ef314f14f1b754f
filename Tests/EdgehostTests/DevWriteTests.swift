import Glibc
import Testing

/// `edgehost dev` and the ways in which files get their content.
@Suite struct DevWriteTests {
    private static let page = DevTests.page

    @Test func aFileIsNotReadBeforeItsWriterCloses() throws {
        let workspace = try Workspace(["page.lua": Self.page("old"), "other.lua": Self.page("0")])
        let server = try RunningServer(workspace, ["dev"])
        let file = try OpenFile(workspace.worker("page.lua"))
        for (index, part) in ["return function", "() return ", "'new' "].enumerated() {
            try file.append(part)
            // A whole reload with the half-written file in place.
            try workspace.write("other.lua", Self.page("\(index + 1)"))
            #expect(try server.get("/other") { $0.body == "\(index + 1)" }.status == 200)
            #expect(try server.get("/page").body == "old")
        }
        try file.append("end")
        // Closed by its end of life.
        _ = consume file
        _ = try server.get("/page") { $0.body == "new" }
    }

    @Test func aTruncatedFileIsMendedByItsCompletion() throws {
        let workspace = try Workspace(["page.lua": Self.page("old")])
        let server = try RunningServer(workspace, ["dev"])
        try workspace.write("page.lua", "return function() return")
        try server.process.wait(for: "the error") { $0.error.contains("workers/page.lua:1: ") ? true : nil }
        #expect(try server.get("/page").body == "old")
        try workspace.write("page.lua", "")
        try server.process.wait(for: "another error") { $0.problems.count > 1 ? true : nil }
        #expect(try server.get("/page").body == "old")
        try workspace.replace("page.lua", Self.page("new"))
        _ = try server.get("/page") { $0.body == "new" }
    }

    @Test func whatEditorsLeaveBehindIsNoWorker() throws {
        let workspace = try Workspace(["page.lua": Self.page("old")])
        let server = try RunningServer(workspace, ["dev"])
        for name in [".page.lua.swp", "page.lua~", "#page.lua#", ".#page.lua", "4913", "page.lua.bak"] {
            try workspace.write(name, Self.page("rubbish"))
        }
        try workspace.replace("page.lua", Self.page("new"))
        _ = try server.get("/page") { $0.body == "new" }
        #expect(!server.process.output.contains("added"))
        #expect(server.process.problems == [])
    }

    @Test func aBurstOfSavesEndsWithTheLastContent() throws {
        let workspace = try Workspace(["page.lua": Self.page("0"), "other.lua": Self.page("0")])
        let server = try RunningServer(workspace, ["dev"])
        let client = try server.client()
        for version in 1...200 {
            try version.isMultiple(of: 2)
                ? workspace.write("page.lua", Self.page("\(version)"))
                : workspace.replace("page.lua", Self.page("\(version)"))
            let response = try client.request("GET", "/page")
            #expect(response.status == 200)
            #expect((0...version).contains(Int(response.body) ?? -1))
        }
        // An emptied file may have been told of; it was never served.
        _ = try server.get("/page") { $0.body == "200" }
    }

    @Test func theFolderIsRemovedAndComesBack() throws {
        let workspace = try Workspace(["page.lua": Self.page("old"), "other.lua": Self.page("other")])
        let server = try RunningServer(workspace, ["dev"])
        // At once: deleted file by file it would be an empty folder for a moment, which is no fault.
        try #require(rename(workspace.worker(""), "\(workspace.path)/gone") == 0)
        try server.process.wait(for: "the complaint") { $0.error.contains("reload failed") ? true : nil }
        let before = try server.get("/page")
        #expect(before.body == "old", "what was served before goes on: \(before.status) \(before.body)")
        try workspace.write("page.lua", Self.page("new"))
        try server.process.line("removed other") { $0 == "removed other" }
        _ = try server.get("/page") { $0.body == "new" }
        try workspace.write("page.lua", Self.page("newer"))
        _ = try server.get("/page") { $0.body == "newer" }
    }

    @Test func theFolderIsSwappedForAnother() throws {
        let workspace = try Workspace(["page.lua": Self.page("old")])
        let server = try RunningServer(workspace, ["dev"])
        try workspace.writeBeside("next/page.lua", Self.page("new"))
        try #require(rename(workspace.worker(""), "\(workspace.path)/previous") == 0)
        try #require(rename("\(workspace.path)/next", "\(workspace.path)/workers") == 0)
        _ = try server.get("/page") { $0.body == "new" }
        try workspace.write("page.lua", Self.page("newer"))
        _ = try server.get("/page") { $0.body == "newer" }
    }
}
