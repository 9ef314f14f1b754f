import EdgeServer
import Testing

@testable import edgehost

/// What command lines mean, without running them.
@Suite struct CommandLineTests {
    private func parse(_ words: [String]) throws -> (name: String, arguments: Arguments) {
        guard case .run(let command, let arguments) = try CommandLineParser.parse(words, Edgehost.command) else {
            Issue.record("\(words) runs no command")
            return ("", Arguments())
        }
        return (command.name, arguments)
    }

    private func failure(_ words: [String]) -> String? {
        do throws(UsageError) {
            _ = try CommandLineParser.parse(words, Edgehost.command)
            return nil
        } catch {
            return error.description
        }
    }

    /// `help PATH`, `version`, or the command that runs.
    private func meaning(_ words: [String]) throws -> String {
        switch try CommandLineParser.parse(words, Edgehost.command) {
        case .help(_, let path): "help \(path.joined(separator: " "))"
        case .version: "version"
        case .run(let command, _): command.name
        }
    }

    private static let meanings: [(words: [String], meaning: String)] = [
        ([], "serve"), (["serve"], "serve"), (["dev"], "dev"), (["--listen", "a:1"], "serve"), (["check"], "check"),
        (["kv", "list"], "list"), (["bench", "http"], "http"), (["--workers", "dev"], "serve"),
        (["dev", "--workers", "dev"], "dev"), (["serve", "--workers", "help"], "serve"),
        (["--help"], "help edgehost"), (["-h"], "help edgehost"), (["help"], "help edgehost"),
        (["help", "serve"], "help edgehost serve"), (["help", "kv", "put"], "help edgehost kv put"),
        (["serve", "--help"], "help edgehost serve"), (["serve", "--data", "d", "-h"], "help edgehost serve"),
        (["--no-parent", "--help"], "help edgehost serve"), (["kv"], "help edgehost kv"),
        (["kv", "--help"], "help edgehost kv"), (["kv", "get", "--help"], "help edgehost kv get"),
        (["kv", "--data", "d", "-h"], "help edgehost kv"),
        (["serve", "--frobnicate", "--help"], "help edgehost serve"),
        (["kv", "frobnicate", "--help"], "help edgehost kv"), (["help", "--help"], "help edgehost"),
        (["--version"], "version"), (["kv", "put", "--version"], "version"), (["kv", "get", "--", "--help"], "get"),
    ]

    @Test(arguments: Self.meanings)
    func aLineLeadsToACommand(_ line: (words: [String], meaning: String)) throws {
        #expect(try self.meaning(line.words) == line.meaning)
    }

    @Test func allOptionsOfAServerArrive() throws {
        let line = try self.parse([
            "dev", "--workers", "lua", "--config=c.lua", "--data", "two words", "--listen=[::1]:80", "--no-parent",
            "--sandbox", "--tls-cert", "cert", "--tls-key=a=b",
        ])
        let options = ServerOptions(line.arguments, isDevelopment: line.name == "dev")
        #expect(options.isDevelopment && !options.hasParent)
        #expect(options.workers == "lua" && options.config == "c.lua" && options.data == "two words")
        #expect(options.listen == "[::1]:80" && options.sandbox == true)
        #expect(options.tlsCertificate == "cert" && options.tlsKey == "a=b")
    }

    @Test func whatIsNotSaidIsLeftToTheConfiguration() throws {
        let options = ServerOptions(try self.parse([]).arguments)
        #expect(!options.isDevelopment && options.hasParent && options.sandbox == nil)
        #expect(options.workers == nil && options.config == nil && options.data == nil && options.listen == nil)
        #expect(ServerOptions(try self.parse(["--parent", "--no-sandbox"]).arguments).sandbox == false)
    }

    @Test func valuesMayLookLikeAnything() throws {
        #expect(ServerOptions(try self.parse(["--data=-x"]).arguments).data == "-x")
        #expect(ServerOptions(try self.parse(["--data=a=b"]).arguments).data == "a=b")
        #expect(ServerOptions(try self.parse(["--data", "a", "--data", "b"]).arguments).data == "b", "the last counts")
        let put = try self.parse(["kv", "put", "--ttl", "5", "--", "--key", ""]).arguments
        #expect(put.required(.argument("key", "")) == "--key" && put.required(.argument("value", "")) == "")
        #expect(put.integer(.option("ttl", "", .integer)) == 5)
        let headers = try self.parse(["invoke", "hello", "--header", "a: 1", "--header", "b: 2", "--data="]).arguments
        #expect(headers.texts(.option("header", "")) == ["a: 1", "b: 2"])
        #expect(headers.text(.option("data", "")) == "")
        #expect(try self.parse(["bench", "http", "--json", "-"]).arguments.text(.option("json", "")) == "-")
    }

    private static let mistakes: [(words: [String], message: String)] = [
        (["frobnicate"], "Unexpected argument 'frobnicate'"),
        (["serv"], "Unexpected argument 'serv'. Did you mean 'serve'?"),
        (["serve", "dev"], "Unexpected argument 'dev'"), (["--listen", "a:1", "dev"], "Unexpected argument 'dev'"),
        ([""], "Unexpected argument ''"), (["help", "frobnicate"], "Unexpected argument 'frobnicate'"),
        (["serve", "--frobnicate=1"], "Unknown option '--frobnicate'"),
        (["--listn", "a:1"], "Unknown option '--listn'. Did you mean '--listen'?"), (["-x"], "Unknown option '-x'"),
        (["--listen"], "Missing value for '--listen <listen>'"),
        (["--listen", "--data"], "Missing value for '--listen <listen>'"),
        (["--listen="], "The value '' is invalid for '--listen <listen>'"),
        (["--no-parent=yes"], "'--no-parent' takes no value"),
        (["--parent", "--no-parent"], "'--parent/--no-parent': only one of the two can be said"),
        (["kv", "--data", "d", "check"], "Unknown option '--data'"),
        (["kv", "--frobnicate=1"], "Unknown option '--frobnicate'"),
        (["kv", "frobnicate"], "Unexpected argument 'frobnicate'"), (["kv", "--", "get", "k"], "Unknown option '--'"),
        (["bench", "--json", "startup"], "Unknown option '--json'"), (["help", "--data"], "Unknown option '--data'"),
        (["kv", "get"], "Missing expected argument '<key>'"), (["kv", "get", "a", "b"], "Unexpected argument 'b'"),
        (["kv", "put", "a", "b", "--ttl", "soon"], "The value 'soon' is invalid for '--ttl <ttl>'"),
        (["bench", "http", "--seed", "-1"], "Missing value for '--seed <seed>'"),
        (["bench", "http", "--seed=-1"], "The value '-1' is invalid for '--seed <seed>'"),
        (["bench", "http", "--duration", "nan"], "The value 'nan' is invalid for '--duration <duration>'"),
    ]

    @Test(arguments: Self.mistakes)
    func aMistakeIsToldWithTheUsage(_ line: (words: [String], message: String)) throws {
        let text = try #require(self.failure(line.words), "\(line.words) is refused")
        let lines = text.split(separator: "\n")
        #expect(lines.first == "Error: \(line.message)")
        #expect(text.contains("\nUsage: edgehost") && text.contains("--help' for more information."))
    }

    @Test func helpNamesAllThatACommandTakes() {
        for (command, path) in Self.everyCommand(Edgehost.command, ["edgehost"]) {
            let help = HelpText.make(command, path)
            for spelling in command.parameters.flatMap(\.spellings) + command.subcommands.map(\.name) {
                #expect(help.contains(spelling), "\(path)")
            }
            for line in help.split(separator: "\n") where !line.hasPrefix("USAGE: ") {
                #expect(line.count <= 80, "\(line)")
            }
        }
    }

    /// A parameter is found by its name.
    @Test func noCommandHasTwoParametersOfAName() {
        for (command, path) in Self.everyCommand(Edgehost.command, ["edgehost"]) {
            let names = command.parameters.map(\.name)
            #expect(Set(names).count == names.count, "\(path)")
            #expect((command.run == nil) != command.subcommands.isEmpty, "\(path) runs, or has subcommands")
            if let standard = command.standard { #expect(command.subcommand(standard) != nil) }
        }
    }

    @Test(arguments: [("", "", 0), ("a", "", 1), ("listn", "listen", 1), ("kitten", "sitting", 3), ("ab", "ba", 2)])
    func distancesCountEdits(_ first: String, _ second: String, _ distance: Int) {
        #expect(Suggestion.distance(first, second) == distance && Suggestion.distance(second, first) == distance)
    }

    private static func everyCommand(_ command: edgehost.Command, _ path: [String]) -> [(edgehost.Command, [String])] {
        [(command, path)] + command.subcommands.flatMap { self.everyCommand($0, path + [$0.name]) }
    }
}
