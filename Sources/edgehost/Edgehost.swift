import EdgeServer
import Glibc

@main
struct Edgehost {
    static let command = Command(
        name: "edgehost",
        abstract: "Serves Lua workers, each request in a fresh isolate.",
        subcommands: [
            .serve, .dev, .invoke, .check, .build, .kv, .bench, .sandbox,
        ],
        standard: "serve"
    )

    static func main() {
        exit(self.run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Returns the status to exit with.
    private static func run(_ words: [String]) -> Int32 {
        do throws(UsageError) {
            switch try CommandLineParser.parse(words, self.command) {
            case .help(let command, let path):
                Console.output.write(HelpText.make(command, path))
                return 0
            case .version:
                Console.output.line(VersionText.text)
                return 0
            case .run(let command, let arguments):
                return self.run(command, arguments)
            }
        } catch {
            Console.error.line(error.description)
            return UsageError.status
        }
    }

    /// What went wrong is told in one piece, without a usage text: the arguments were right.
    private static func run(_ command: Command, _ arguments: Arguments) -> Int32 {
        guard let body = command.run else { preconditionFailure("the parser gives help for a group") }
        do {
            return try body(arguments)
        } catch {
            Console.error.failure(error)
            return 1
        }
    }
}
