import ArgumentParser
import EdgeServer

struct KV: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kv",
        abstract: "Read and write the store, also while a server has it open.",
        subcommands: [Get.self, Put.self, Delete.self, List.self, Check.self]
    )

    struct StoreOptions: ParsableArguments {
        @OptionGroup var common: CommonOptions

        @Option(help: "The folder of the store. (default: ./.edgehost)")
        var data: String?

        @Option(help: "The namespace.")
        var namespace = "KV"

        func open(mayCreate: Bool = false) throws -> KVCommand {
            var options = self.common.serverOptions
            options.data = self.data
            return try KVCommand(options, namespace: self.namespace, mayCreate: mayCreate)
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every page and every entry of a store that no server has open; status 1 for damage."
        )

        @OptionGroup var common: CommonOptions

        @Option(help: "The folder of the store. (default: ./.edgehost)")
        var data: String?

        func run() throws {
            try reportingErrors {
                var options = self.common.serverOptions
                options.data = self.data
                let result = try KVCheckCommand.run(options)
                for line in result.lines {
                    Console.output.line(line)
                }
                guard result.isSound else {
                    throw ExitCode.failure
                }
            }
        }
    }

    struct Get: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the value of a key; status 1 where there is none."
        )

        @OptionGroup var store: StoreOptions
        @Argument(help: "The key.") var key: String

        func run() throws {
            try reportingErrors {
                let command = try self.store.open()
                defer { command.close() }
                guard let value = try command.get(self.key) else {
                    Console.error.failure("there is no such key in \(self.store.namespace)")
                    throw ExitCode.failure
                }
                Console.output.write(bytes: value + Array("\n".utf8))
            }
        }
    }

    struct Put: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Store a value; prints its version.")

        @OptionGroup var store: StoreOptions
        @Argument(help: "The key.") var key: String
        @Argument(help: "The value.") var value: String
        @Option(help: "Seconds until the value expires.") var ttl: Int?

        func run() throws {
            try reportingErrors {
                let command = try self.store.open(mayCreate: true)
                defer { command.close() }
                let version = try command.put(self.key, value: Array(self.value.utf8), ttl: self.ttl)
                Console.output.line("stored version \(version)")
            }
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a key; status 1 where there is none.")

        @OptionGroup var store: StoreOptions
        @Argument(help: "The key.") var key: String

        func run() throws {
            try reportingErrors {
                let command = try self.store.open()
                defer { command.close() }
                guard try command.delete(self.key) else {
                    Console.error.failure("there is no such key in \(self.store.namespace)")
                    throw ExitCode.failure
                }
                Console.output.line("deleted")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the keys, one a line, in byte order.")

        @OptionGroup var store: StoreOptions
        @Option(help: "Only keys that begin with this.") var prefix = ""
        @Option(help: "At most so many.") var limit = 1000

        func run() throws {
            try reportingErrors {
                let command = try self.store.open()
                defer { command.close() }
                try command.list(prefix: self.prefix, limit: self.limit) { Console.output.line($0.name) }
            }
        }
    }
}
