import Foundation
import Glibc
import Testing

/// `edgehost build`, and servers that start from its images: other processes, in which the executable lies elsewhere.
@Suite struct BuildTests {
    private static let files = [
        "hello.lua":
            "local json = require 'json' return function(r) return json.encode { 1, r.query.name } end",
        "shop/init.lua": "local goods = require 'goods' return function(r) return goods[tonumber(r.query.id)] end",
        "shop/goods.lua": "return { 'tea', 'cake' }",
    ]

    private static func expectAnswers(_ server: RunningServer) throws {
        for _ in 0..<3 {
            #expect(try server.get("/hello?name=x").body == #"[1,"x"]"#)
            #expect(try server.get("/shop?id=2").body == "cake")
        }
    }

    private static func images(_ workspace: Workspace) throws -> [String] {
        let folder = "\(workspace.path)/.edgehost/images"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        return names.filter { $0.hasSuffix(".image") }.sorted().map { "\(folder)/\($0)" }
    }

    /// Images are written while a server serves already.
    private static func waitForImages(_ workspace: Workspace, count: Int) throws {
        let deadline = Deadline()
        while try self.images(workspace).count != count {
            try deadline.check("\(count) images are kept")
        }
    }

    /// Where the executable lies in the memory of the server.
    private static func place(_ server: RunningServer) throws -> String {
        // Files in /proc have no length, so that Foundation would read nothing.
        let file = try #require(fopen("/proc/\(server.serverPID)/maps", "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        // Slots come first, at places of our own choice.
        let line = try #require(lines.first { $0.hasSuffix("/edgehost") })
        return String(line.prefix { $0 != "-" })
    }

    @Test func serversStartFromImagesThatWereBuiltAhead() throws {
        let workspace = try Workspace(Self.files)
        let build = try Command(["build"], in: workspace)
        #expect(build.isSuccess && build.error == "")
        let lines = build.output.split(separator: "\n")
        try #require(lines.count == 3)
        #expect(lines[0].contains(/^hello  \/hello \/hello\/\*  \d+\.\d KB  \d+\.\d+ ms$/))
        #expect(lines[2] == "2 images in ./.edgehost/images")
        for image in try Self.images(workspace) {
            var status = stat()
            #expect(stat(image, &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
        var places: Set<String> = []
        for _ in 0..<3 {
            let server = try RunningServer(workspace, ["serve", "--no-sandbox"])
            #expect(server.announced.count == 2 && server.announced.allSatisfy { $0.hasSuffix(" KB  kept") })
            try Self.expectAnswers(server)
            places.insert(try Self.place(server))
            #expect(try server.stop() == .exit(0))
        }
        #expect(places.count > 1, "the executable lies elsewhere in each process")
        let again = try Command(["build"], in: workspace)
        #expect(again.isSuccess && again.output.contains("  kept\n"))
    }

    @Test func aServerKeepsWhatItBuildsAndTheSandboxLetsIt() throws {
        let workspace = try Workspace(Self.files)
        let first = try RunningServer(workspace)
        #expect(first.announced.allSatisfy { $0.hasSuffix(" ms") })
        try Self.expectAnswers(first)
        try Self.waitForImages(workspace, count: 2)
        try workspace.write("shop/goods.lua", "return { 'tea', 'pie' }")
        first.process.signal(SIGHUP)
        _ = try first.get("/shop?id=2") { $0.body == "pie" }
        #expect(try first.stop() == .exit(0))
        let second = try RunningServer(workspace)
        #expect(second.announced.allSatisfy { $0.hasSuffix(" KB  kept") })
        #expect(try second.get("/shop?id=2").body == "pie")
    }

    @Test func imagesThatAreDamagedOrGoneWhileAServerRunsAreBuiltAnew() throws {
        let workspace = try Workspace(Self.files)
        #expect(try Command(["build"], in: workspace).isSuccess)
        let server = try RunningServer(workspace)
        let images = try Self.images(workspace)
        try #require(images.count == 2)
        #expect(truncate(images[0], 5000) == 0 && unlink(images[1]) == 0)
        try Self.expectAnswers(server)
        try Self.waitForImages(workspace, count: 2)
        #expect(try server.stop() == .exit(0))
    }

    @Test func aFolderThatCannotBeUsedIsToldAndTheServerServes() throws {
        let workspace = try Workspace(Self.files)
        try workspace.writeBeside(".edgehost/images", "a file is in the way")
        let server = try RunningServer(workspace)
        try server.process.wait(for: "a warning") {
            $0.errorLines.first { $0.contains("images of workers are not kept") }
        }
        try Self.expectAnswers(server)
        let build = try Command(["build"], in: workspace)
        #expect(!build.isSuccess && build.error.contains("images of workers are not kept in ./.edgehost/images"))
    }

    /// A server may need what a build does not.
    @Test func imagesOfWorkersThatWentAreRemovedByAServer() throws {
        let workspace = try Workspace(Self.files)
        #expect(try Command(["build"], in: workspace).isSuccess)
        try workspace.delete("hello.lua")
        try workspace.writeBeside(".edgehost/images/old.0123456789abcdef.image", "of another executable")
        try workspace.writeBeside(".edgehost/images/new.0123456789abcdef.image", "of another executable")
        var times = utimbuf(actime: 0, modtime: 1_000_000)
        #expect(utime("\(workspace.path)/.edgehost/images/old.0123456789abcdef.image", &times) == 0)
        let build = try Command(["build"], in: workspace)
        #expect(build.output.hasSuffix("1 images in ./.edgehost/images\n"))
        let names = try Self.images(workspace).map { $0.split(separator: "/").last ?? "" }
        #expect(names.count == 3 && names[0].hasPrefix("hello.") && names[1] == "new.0123456789abcdef.image")
        #expect(utime(try Self.images(workspace)[0], &times) == 0)
        let server = try RunningServer(workspace)
        try Self.waitForImages(workspace, count: 2)
        #expect(try server.get("/shop?id=1").body == "tea")
    }

    /// Neither a build of broken sources nor one of the next version touches what a server serves.
    @Test func aBuildBesideAServerDeploysNothing() throws {
        let workspace = try Workspace(["hello.lua": "return function() return 'one' end"])
        #expect(try Command(["build"], in: workspace).isSuccess)
        let server = try RunningServer(workspace)
        try workspace.write("hello.lua", "return function( end")
        #expect(try !Command(["build"], in: workspace).isSuccess)
        #expect(try server.get("/hello").body == "one")
        #expect(try server.stop() == .exit(0))
        try workspace.write("hello.lua", "return function() return 'two' end")
        let next = try RunningServer(workspace)
        try Self.waitForImages(workspace, count: 2)
        try workspace.write("hello.lua", "return function() return 'three' end")
        #expect(try Command(["build"], in: workspace).isSuccess)
        #expect(try next.get("/hello").body == "two")
        next.process.signal(SIGHUP)
        _ = try next.get("/hello") { $0.body == "three" }
    }

    @Test func whatCannotBeKeptIsNamed() throws {
        let workspace = try Workspace([
            "keyed.lua": "local t = { [print] = 'x' } return function() return t[print] end",
            "plain.lua": "return function() return 'plain' end",
        ])
        let build = try Command(["build"], in: workspace)
        #expect(build.isSuccess)
        #expect(build.output.contains("no image can be kept, so that each start builds one: keyed\n1 images in "))
        let server = try RunningServer(workspace)
        #expect(try server.get("/keyed").body == "x")
    }

    @Test func aWorkerThatDoesNotLoadIsAnError() throws {
        let workspace = try Workspace([
            "bad.lua": "return function( end", "good.lua": "return function() return '' end",
        ])
        let build = try Command(["build"], in: workspace)
        #expect(!build.isSuccess && build.error.hasPrefix("error: workers/bad.lua:1: "))
        #expect(build.output.hasSuffix("1 images in ./.edgehost/images\n"))
    }
}
