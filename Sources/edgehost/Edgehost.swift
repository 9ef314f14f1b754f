import ArgumentParser
import EdgeServer

/// Not an asynchronous command: those run beside the main thread, which would then take the signals of a server.
@main
struct Edgehost: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edgehost",
        abstract: "Serves Lua workers, each request in a fresh isolate.",
        version: VersionText.text,
        subcommands: [Serve.self, Dev.self, Invoke.self, Check.self, Build.self, KV.self, Bench.self, Sandbox.self],
        defaultSubcommand: Serve.self
    )

    static func main() {
        guard let line = ServeLine(CommandLine.arguments.dropFirst()) else { return self.main(nil) }
        do {
            try serve(line.options)
        } catch {
            self.exit(withError: error)
        }
    }
}

/// The options that every command has.
struct CommonOptions: ParsableArguments {
    @Option(help: "The folder of workers. (default: ./workers)")
    var workers: String?

    @Option(help: "A configuration file. (default: ./edgehost.lua, if there is one)")
    var config: String?

    var serverOptions: ServerOptions {
        var options = ServerOptions()
        options.workers = self.workers
        options.config = self.config
        return options
    }
}

/// The options of a server.
struct ListenOptions: ParsableArguments {
    @OptionGroup var common: CommonOptions

    @Option(help: "The folder of the store. (default: ./.edgehost)")
    var data: String?

    @Option(help: "HOST:PORT to listen on; port 0 picks one. (default: 127.0.0.1:8080)")
    var listen: String?

    @Flag(inversion: .prefixedNo, help: "Look after the server from a small process of its own.")
    var parent = true

    @Flag(
        inversion: .prefixedNo,
        help: "Confine the server; --sandbox: or do not start. (default: as far as the kernel can)"
    )
    var sandbox: Bool?

    @Option(name: .customLong("tls-cert"), help: "A PEM file with a certificate chain: speak TLS.")
    var tlsCertificate: String?

    @Option(name: .customLong("tls-key"), help: "A PEM file with the certificate's private key.")
    var tlsKey: String?

    func serverOptions(isDevelopment: Bool = false) -> ServerOptions {
        var options = self.common.serverOptions
        options.isDevelopment = isDevelopment
        options.hasParent = self.parent
        options.data = self.data
        options.listen = self.listen
        options.sandbox = self.sandbox
        options.tlsCertificate = self.tlsCertificate
        options.tlsKey = self.tlsKey
        return options
    }
}

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the workers; SIGHUP loads them again. (default)")

    @OptionGroup var options: ListenOptions

    func run() throws {
        try serve(self.options.serverOptions())
    }
}

struct Dev: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the workers and load them again whenever a file changes; errors are shown in responses."
    )

    @OptionGroup var options: ListenOptions

    func run() throws {
        try serve(self.options.serverOptions(isDevelopment: true))
    }
}

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Load all workers and report what is wrong.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        try reportingErrors {
            guard try CheckCommand.run(self.common.serverOptions) else { throw ExitCode.failure }
        }
    }
}

private func serve(_ options: ServerOptions) throws {
    try reportingErrors {
        let status = try Server.run(options)
        if status != 0 { throw ExitCode(status) }
    }
}

/// Prints what went wrong in one piece and ends with status 1, without a usage text: the arguments were right.
func reportingErrors(_ body: () throws -> Void) throws {
    do {
        try body()
    } catch let code as ExitCode {
        throw code
    } catch {
        Console.error.failure(error)
        throw ExitCode.failure
    }
}
