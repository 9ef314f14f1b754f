import EdgeRuntime
import Glibc
import Testing

@testable import EdgeServer

/// What a server in a sandbox may reach, and what becomes of a kernel without one.
@Suite struct SandboxPolicyTests {
    private func options(_ configuration: String = "return {}", isDevelopment: Bool = false) throws -> ResolvedOptions {
        let host = try HostConfiguration(source: Array(configuration.utf8), file: "edgehost.lua")
        return ResolvedOptions(
            workers: "/srv/edge/workers",
            data: "/var/lib/edge",
            endpoint: HTTPEndpoint(host: "127.0.0.1", port: 8080),
            isDevelopment: isDevelopment,
            sandbox: SandboxMode(option: nil, field: host.sandbox),
            host: host
        )
    }

    @Test func onlyTheDataFolderIsWritten() throws {
        let policy = SandboxPolicy(try self.options("return { secrets = '/etc/edge/secrets' }"))
        #expect(policy.grants.filter { $0.access == .readWrite }.map(\.path) == ["/var/lib/edge"])
        #expect(policy.grants.filter { $0.access == .readFiles }.map(\.path) == ["/proc"])
        let readable = policy.grants.filter { $0.access == .read }.map(\.path)
        #expect(readable.contains("/srv/edge/workers"))
        #expect(readable.contains("/etc/edge/secrets"))
        for tooMuch in [
            "/", "/etc", "/proc", "/srv/edge", "/tmp", "/home", "/etc/ssl", "/etc/ssl/private", "/dev", "/sys",
        ] {
            #expect(!readable.contains(tooMuch), "\(tooMuch)")
        }
        #expect(policy.bindPort == 8080)
    }

    @Test func theConfigurationNamesMoreFolders() throws {
        let policy = SandboxPolicy(try self.options("return { sandbox = { read = { '/srv/releases', 'more' } } }"))
        let readable = policy.grants.filter { $0.access == .read }.map(\.path)
        #expect(readable.contains("/srv/releases"))
        #expect(readable.contains("more"))
    }

    @Test func theFolderAboveIsReadInDevelopmentOnly() throws {
        let directory = try Workspace()
        var options = try self.options(isDevelopment: true)
        options.workers = directory.root + "/workers"
        #expect(SandboxPolicy(options).grants.map(\.path).contains { $0.hasSuffix(directory.root) })
        options.isDevelopment = false
        #expect(!SandboxPolicy(options).grants.map(\.path).contains { $0.hasSuffix(directory.root) })
    }

    @Test func aFileThatIsRenewedIsFoundInItsFolders() throws {
        let directory = try Workspace()
        for folder in ["live", "archive"] { try directory.makeFolder(folder) }
        try directory.write("archive/key1.pem", "key")
        try #require(symlink("../archive/key1.pem", directory.path("live/key.pem")) == 0)
        let link = directory.path("live/key.pem")
        let expected = [link, directory.path("archive"), directory.path("live")]
        #expect(SandboxPolicy.replaceable(link) == expected)
        #expect(SandboxPolicy.replaceable("/etc/hostname") == ["/etc/hostname"], "not all of /etc for one file")
    }

    @Test func aHomeIsNotOpenedForAFolderInIt() throws {
        var options = try self.options(isDevelopment: true)
        for folder in ["/tmp", "/var/lib"] + [getenv("HOME")].compactMap(\.self).map({ String(cString: $0) }) {
            options.workers = folder + "/workers"
            #expect(!SandboxPolicy(options).grants.contains { $0.path == folder }, "\(folder)")
        }
    }

    @Test func theRootIsNoFolderAbove() throws {
        #expect(SandboxPolicy.folderAbove("/workers") == nil)
        #expect(SandboxPolicy.folderAbove("/") == nil)
        #expect(SandboxPolicy.folderAbove("//usr//lib//") == "/usr")
        #expect(SandboxPolicy.folderAbove("/usr/lib/.") == "/usr")
        #expect(SandboxPolicy.folderAbove("/nowhere/workers") == nil)
        let current = try #require(getcwd(nil, 0))
        defer { free(current) }
        #expect(SandboxPolicy.folderAbove("workers") == String(cString: current))
        #expect(SandboxPolicy.folderAbove("./workers/") == String(cString: current))
    }

    @Test(arguments: [
        ("return {}", nil, SandboxMode.whereAvailable), ("return {}", true, .required), ("return {}", false, .off),
        ("return { sandbox = true }", nil, .required), ("return { sandbox = false }", nil, .off),
        ("return { sandbox = false }", true, .required), ("return { sandbox = true }", false, .off),
        ("return { sandbox = { read = { 'a' } } }", nil, .whereAvailable),
    ])
    func theCommandLineComesBeforeTheConfiguration(_ text: String, _ option: Bool?, _ mode: SandboxMode) throws {
        let host = try HostConfiguration(source: Array(text.utf8), file: "edgehost.lua")
        #expect(SandboxMode(option: option, field: host.sandbox) == mode)
    }

    @Test(arguments: [
        "3", "'yes'", "{}", "{ write = { 'a' } }", "{ read = 'a' }", "{ read = { 1 } }", "{ read = { '' } }",
    ])
    func aWrongFieldIsTold(_ value: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try HostConfiguration(source: Array("return { sandbox = \(value) }".utf8), file: "edgehost.lua")
        }
        #expect(error?.description.contains("edgehost.lua: sandbox") == true, "\(error?.description ?? "")")
    }

    @Test func aRequiredSandboxThatCannotBeHadIsAnError() throws {
        let policy = SandboxPolicy(try self.options())
        var kernel = KernelSupport()
        kernel.landlock = -ENOSYS
        kernel.seccomp = EINVAL
        let error = #expect(throws: SandboxError.self) {
            try Sandbox.confine(policy, mode: .required, kernel: kernel)
        }
        let text = error?.description ?? ""
        for part in ["landlock: this kernel does not have it", "seccomp: Invalid argument", "--no-sandbox"] {
            #expect(text.contains(part), "\(text)")
        }
        kernel.landlock = -EOPNOTSUPP
        let other = #expect(throws: SandboxError.self) {
            try Sandbox.confine(policy, mode: .required, kernel: kernel)
        }
        #expect(other?.description.contains("landlock: it is switched off in this kernel") == true)
        #expect(nothingWasGivenUp(), "the error comes before anything is given up")
    }

    @Test func noSandboxGivesNothingUp() throws {
        let sandbox = try Sandbox.confine(SandboxPolicy(self.options()), mode: .off).filter(.off)
        #expect(sandbox.walls == [])
        #expect(sandbox.missing == [])
        #expect(sandbox.text == "off")
        #expect(nothingWasGivenUp())
    }
}

/// Whether this process can still open what a sandbox closes.
private func nothingWasGivenUp() -> Bool {
    let descriptor = open("/etc/passwd", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    close(descriptor)
    return true
}
