import Foundation
import Glibc
import Testing

private let lacking: Comment = "this kernel lacks a wall of the sandbox: `edgehost sandbox` names it"

/// A server in its sandbox does all that it did without.
@Suite(.enabled(if: SandboxReport.isWhole, lacking)) struct SandboxedServerTests {
    private static let counter = """
        return function(_, env) return tostring(env.KV:increment('n')) end
        """

    private static func page(_ text: String) -> String {
        "return function() return '\(text)' end"
    }

    /// The line of the log that begins it.
    private func starting(_ server: RunningServer) throws -> String {
        try server.process.wait(for: "the first line of the log") { snapshot in
            snapshot.errorLines.first { $0.contains(" starting") }
        }
    }

    @Test func servesWritesAndLoadsAgain() throws {
        let workspace = try Workspace(["count.lua": Self.counter, "page.lua": Self.page("one")])
        let server = try RunningServer(workspace, ["serve", "--sandbox"])
        let walls = /sandbox="no_new_privs, no core dumps, no capabilities, landlock \d+, seccomp"/
        #expect(try self.starting(server).contains(walls))
        #expect(try server.get("/count").body == "1")
        #expect(try server.get("/count").body == "2")
        try workspace.write("page.lua", Self.page("two"))
        try workspace.write("part/init.lua", "return function() return require('text') end")
        try workspace.write("part/text.lua", "return 'new'")
        server.process.signal(SIGHUP)
        try server.process.line("updated page") { $0.hasPrefix("updated page  ") }
        #expect(try server.get("/page").body == "two")
        #expect(try server.get("/part").body == "new")
        let command = try Command(["kv", "put", "n", "41"], in: workspace)
        #expect(command.isSuccess, "a tool writes beside it: \(command.error)")
        #expect(try server.get("/count").body == "42")
        #expect(try server.stop() == .exit(0))
        #expect(server.process.problems.filter { !$0.contains("shutting down") } == [])
    }

    @Test func theStoreIsKeptFromOneServerToTheNext() throws {
        let workspace = try Workspace(["count.lua": Self.counter])
        for expected in ["1", "2", "3"] {
            let server = try RunningServer(workspace, ["serve", "--sandbox", "--data", "deep/down/store"])
            #expect(try server.get("/count").body == expected)
            #expect(try server.stop() == .exit(0))
        }
    }

    @Test func developmentSeesWhatIsSaved() throws {
        let workspace = try Workspace(["page.lua": Self.page("one")])
        let server = try RunningServer(workspace, ["dev", "--sandbox"])
        try workspace.write("page.lua", Self.page("two"))
        _ = try server.get("/page") { $0.body == "two" }
        try workspace.write("deep/init.lua", Self.page("deep"))
        try server.process.line("added deep") { $0.hasPrefix("added deep  ") }
        try #require(rename(workspace.worker(""), "\(workspace.path)/previous") == 0)
        try workspace.write("page.lua", Self.page("another folder"))
        _ = try server.get("/page") { $0.body == "another folder" }
    }

    @Test func everyThreadIsConfined() throws {
        let workspace = try Workspace(["count.lua": Self.counter])
        let server = try RunningServer(workspace, ["serve", "--sandbox"])
        #expect(try server.get("/count").body == "1")
        let tasks = "/proc/\(try self.serverProcess(server))/task"
        let threads = try FileManager.default.contentsOfDirectory(atPath: tasks)
        #expect(threads.count > 3)
        for thread in threads {
            // A thread may end meanwhile.
            guard let status = try? String(contentsOfFile: "\(tasks)/\(thread)/status", encoding: .utf8) else {
                continue
            }
            #expect(status.contains("NoNewPrivs:\t1\n"))
            #expect(status.contains("Seccomp:\t2\n"))
            // CAP_DAC_OVERRIDE and CAP_NET_BIND_SERVICE at most.
            let capabilities = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
            let bits = try #require(capabilities.flatMap { UInt64($0.dropFirst(8), radix: 16) })
            #expect(bits & ~0x402 == 0)
        }
        let limits = try String(contentsOfFile: "\(tasks.dropLast(5))/limits", encoding: .utf8)
        #expect(limits.contains(/Max core file size\s+0\s+0\s/))
    }

    @Test func aFolderThatWasSwappedIsToldOf() throws {
        let workspace = try Workspace()
        try workspace.writeBeside("releases/1/page.lua", Self.page("one"))
        try workspace.writeBeside("releases/2/page.lua", Self.page("two"))
        let link = "\(workspace.path)/current"
        try #require(symlink("releases/1", link) == 0)
        let server = try RunningServer(workspace, ["serve", "--sandbox", "--workers", "current"])
        #expect(try server.get("/page").body == "one")
        try self.point(link, to: "releases/2")
        server.process.signal(SIGHUP)
        let line = try server.process.wait(for: "the complaint") { snapshot in
            snapshot.errorLines.first { $0.contains("reload failed") }
        }
        for part in ["current", "sandbox", "sandbox.read", "--no-sandbox"] {
            #expect(line.contains(part), "\(line)")
        }
        #expect(try server.get("/page").body == "one", "what was served before goes on")
    }

    @Test func aFolderAboveThatIsNamedLetsReleasesBeSwapped() throws {
        let workspace = try Workspace()
        try workspace.writeBeside("edgehost.lua", "return { sandbox = { read = { 'releases' } } }")
        try workspace.writeBeside("releases/1/page.lua", Self.page("one"))
        let link = "\(workspace.path)/current"
        try #require(symlink("releases/1", link) == 0)
        let server = try RunningServer(workspace, ["serve", "--sandbox", "--workers", "current"])
        #expect(try server.get("/page").body == "one")
        try workspace.writeBeside("releases/2/page.lua", Self.page("two"))
        try self.point(link, to: "releases/2")
        server.process.signal(SIGHUP)
        _ = try server.get("/page") { $0.body == "two" }
    }

    @Test func theSwitchesAreFollowed() throws {
        let workspace = try Workspace(["page.lua": Self.page("page")])
        try workspace.writeBeside("off.lua", "return { sandbox = false }")
        for arguments in [["serve", "--no-sandbox"], ["serve", "--config", "off.lua"]] {
            let server = try RunningServer(workspace, arguments)
            #expect(try self.starting(server).contains("sandbox=off"))
            #expect(try server.stop() == .exit(0))
        }
        let server = try RunningServer(workspace, ["serve", "--config", "off.lua", "--sandbox"])
        #expect(try self.starting(server).contains("seccomp"))
    }

    /// Swaps a symbolic link as a deployment does.
    private func point(_ link: String, to target: String) throws {
        try #require(symlink(target, link + "~") == 0)
        try #require(rename(link + "~", link) == 0)
    }

    /// The process that serves: a child of the one that was started, where that is a parent.
    private func serverProcess(_ server: RunningServer) throws -> pid_t {
        let pid = server.process.pid
        let children = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        return children?.split(separator: " ").first.flatMap { pid_t($0) } ?? pid
    }
}
