import ArgumentParser
import EdgeServer
import Testing

@testable import edgehost

/// Command lines that are read without the argument parser mean what the parser makes of them.
@Suite struct ServeLineTests {
    private static let plain: [[String]] = [
        [], ["serve"], ["dev"], ["serve", "--listen", "127.0.0.1:0"], ["--listen", "127.0.0.1:0"],
        ["--listen=[::1]:80"],
        ["dev", "--workers", "lua", "--data", "d", "--config", "c.lua"], ["serve", "--tls-cert", "c", "--tls-key=k"],
        ["serve", "--no-parent"], ["--parent"], ["serve", "--sandbox"], ["serve", "--no-sandbox", "--no-parent"],
        ["serve", "--data=a=b"], ["--workers", "dev"], ["--workers", "serve", "--data", "kv"],
        ["dev", "--workers", "dev"],
        ["serve", "--workers", "help"], ["--data", "two words", "--no-parent"],
    ]

    private static let others: [[String]] = [
        ["--help"], ["-h"], ["serve", "--help"], ["--version"], ["help"], ["help", "serve"], ["kv", "list"], ["check"],
        ["serve", "dev"], ["serve", "--listen"], ["serve", "--listen", "--data"], ["serve", "--listen="],
        ["serve", "--listen", "a:1", "--listen", "b:2"], ["serve", "--frobnicate"], ["serve", "--frobnicate=1"],
        ["serve", "--parent", "--no-parent"], ["serve", "--sandbox", "--no-sandbox"], ["serve", "--", "x"], [""],
        ["serve", "--no-parent=yes"], ["serve", "--data", "-x"], ["serve", "--data=-x"],
        ["--generate-completion-script"],
        ["serve", "---completion"], ["--listen", "a:1", "dev"],
    ]

    /// What the parser makes of a line that starts a server; nil where it is another command or a mistake.
    private func parsed(_ arguments: [String]) -> ServerOptions? {
        switch try? Edgehost.parseAsRoot(arguments) {
        case let serve as Serve: serve.options.serverOptions()
        case let dev as Dev: dev.options.serverOptions(isDevelopment: true)
        default: nil
        }
    }

    @Test(arguments: Self.plain)
    func plainLinesMeanTheSame(_ arguments: [String]) throws {
        let line = try #require(ServeLine(arguments), "it is read at once")
        let parsed = try #require(self.parsed(arguments), "the parser takes it, too")
        #expect(String(reflecting: line.options) == String(reflecting: parsed))
    }

    @Test(arguments: Self.others)
    func theOthersAreTheParsers(_ arguments: [String]) {
        #expect(ServeLine(arguments)?.options == nil)
    }
}
