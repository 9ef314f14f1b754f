import ArgumentParser
import EdgeServer

struct Sandbox: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Confine a process as the server would be, and try what it can still do; status 1 if more than it should."
    )

    @OptionGroup var options: ListenOptions
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        try reportingErrors {
            guard try SandboxCommand.run(self.options.serverOptions(), json: self.json) else { throw ExitCode.failure }
        }
    }
}
