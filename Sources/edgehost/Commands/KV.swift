import EdgeServer

extension Command {
    static let kv = Command(
        name: "kv",
        abstract: "Read and write the store, also while a server has it open.",
        subcommands: [KVCommands.get, KVCommands.put, KVCommands.delete, KVCommands.list, KVCommands.check]
    )
}

private enum KVCommands {
    private static let namespace = Parameter.option("namespace", "The namespace.", standard: "KV")
    private static let key = Parameter.argument("key", "The key.")
    private static let value = Parameter.argument("value", "The value.")
    private static let ttl = Parameter.option("ttl", "Seconds until the value expires.", .integer)
    private static let prefix = Parameter.option("prefix", "Only keys that begin with this.", .content, standard: "")
    private static let limit = Parameter.option("limit", "At most so many.", .integer, standard: "1000")
    private static let store = ServerParameters.store + [namespace]

    static let get = Command(
        name: "get",
        abstract: "Print the value of a key; status 1 where there is none.",
        parameters: Self.store + [Self.key]
    ) { arguments in
        try Self.withStore(arguments) { store in
            guard let value = try store.get(arguments.required(Self.key)) else { return Self.isAbsent(arguments) }
            Console.output.write(bytes: value + Array("\n".utf8))
            return 0
        }
    }

    static let put = Command(
        name: "put",
        abstract: "Store a value; prints its version.",
        parameters: Self.store + [Self.key, Self.value, Self.ttl]
    ) { arguments in
        try Self.withStore(arguments, mayCreate: true) { store in
            let value = Array(arguments.required(Self.value).utf8)
            let version = try store.put(arguments.required(Self.key), value: value, ttl: arguments.integer(Self.ttl))
            Console.output.line("stored version \(version)")
            return 0
        }
    }

    static let delete = Command(
        name: "delete",
        abstract: "Delete a key; status 1 where there is none.",
        parameters: Self.store + [Self.key]
    ) { arguments in
        try Self.withStore(arguments) { store in
            guard try store.delete(arguments.required(Self.key)) else { return Self.isAbsent(arguments) }
            Console.output.line("deleted")
            return 0
        }
    }

    static let list = Command(
        name: "list",
        abstract: "Print the keys, one a line, in byte order.",
        parameters: Self.store + [Self.prefix, Self.limit]
    ) { arguments in
        try Self.withStore(arguments) { store in
            guard let limit = arguments.integer(Self.limit) else { preconditionFailure("there is a limit") }
            try store.list(prefix: arguments.required(Self.prefix), limit: limit) { Console.output.line($0.name) }
            return 0
        }
    }

    static let check = Command(
        name: "check",
        abstract: "Check every page and every entry of a store that no server has open; status 1 for damage.",
        parameters: ServerParameters.store
    ) { arguments in
        let result = try KVCheckCommand.run(ServerOptions(arguments))
        for line in result.lines {
            Console.output.line(line)
        }
        return result.isSound ? 0 : 1
    }

    private static func withStore(
        _ arguments: Arguments,
        mayCreate: Bool = false,
        _ body: (KVCommand) throws -> Int32
    ) throws -> Int32 {
        let namespace = arguments.required(Self.namespace)
        let store = try KVCommand(ServerOptions(arguments), namespace: namespace, mayCreate: mayCreate)
        defer { store.close() }
        return try body(store)
    }

    private static func isAbsent(_ arguments: Arguments) -> Int32 {
        Console.error.failure("there is no such key in \(arguments.required(Self.namespace))")
        return 1
    }
}
