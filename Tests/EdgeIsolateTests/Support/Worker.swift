import EdgeIsolate

/// A script frozen into an image, with a small prelude of its own: `echo` and `fail` are host calls.
struct Worker: Sendable {
    let image: Image

    static let prelude = CompiledPrelude(Array(Self.preludeSource.utf8))

    private static let preludeSource = """
        local host, operations = ...
        local handler
        echo = host.bind(operations.echo, "echo", false)
        fail = host.bind(operations.fail, "fail", false)
        early = host.bind(operations.echo, "early", true)
        return {
          load = function(source, name)
            local chunk = assert(load(source, name))
            handler = chunk()
            return handler
          end,
          dispatch = function(...) return handler(...) end,
          usage = function() return host.usage() end,
        }
        """

    static let operations = Value.table([
        .init(key: .text("echo"), value: .integer(Int64(Operation.echo.rawValue))),
        .init(key: .text("fail"), value: .integer(Int64(Operation.fail.rawValue))),
    ])

    enum Operation: UInt8 {
        /// Returns its arguments.
        case echo = 1
        /// Raises its first argument, a string.
        case fail = 2
    }

    /// A script whose result is the handler: `return function(...) ... end`.
    init(_ source: String, name: String = "@worker.lua", budget: Budget = .startup) throws {
        let builder = try IsolateBuilder.boot(
            budget: budget,
            prelude: Self.prelude,
            operations: Self.operations
        )
        _ = try builder.run(
            entry: "load",
            arguments: [.text(source), .text(name)],
            unixMilliseconds: Run.unixMilliseconds,
            host: Run.serve
        )
        self.image = try builder.freeze(entry: "dispatch")
    }

    /// A script that is the body of the handler; its arguments are `...`.
    static func body(_ source: String) throws -> Worker {
        try Worker("return function(...)\n\(source)\nend")
    }

    /// Leases an isolate from a pool of its own for the time of `body`.
    func withIsolate<Result>(_ body: (borrowing Isolate) throws -> Result) throws -> Result {
        var pool = SlotPool(maximumSlots: 1)
        let isolate = try pool.require(self.image)
        let result = Swift.Result { try body(isolate) }
        pool.giveBack(isolate, of: self.image, now: 0)
        return try result.get()
    }

    /// One pristine run in a slot of its own.
    func run(_ arguments: Value..., budget: Budget = .request, sliceNanoseconds: UInt64 = 0) throws -> Run {
        try self.withIsolate { isolate in
            Run(isolate, arguments: arguments, budget: budget, sliceNanoseconds: sliceNanoseconds)
        }
    }
}

struct NoIsolate: Error {}

extension SlotPool {
    /// Leases an isolate; the pool must have one.
    mutating func require(_ image: Image) throws -> Isolate {
        guard let isolate = self.lease(image) else { throw NoIsolate() }
        return isolate
    }
}

extension Budget {
    static let startup = Budget(
        cpuMicroseconds: 5_000_000,
        memoryBytes: 64 << 20,
        messageBytes: 16 << 20,
        hostCalls: 100,
        logBytes: 64 << 10
    )

    static let request = Budget(
        cpuMicroseconds: 10_000_000,
        memoryBytes: 64 << 20,
        messageBytes: 16 << 20,
        hostCalls: 1000,
        logBytes: 64 << 10
    )

    /// The limits of a request with another CPU limit.
    static func cpu(milliseconds: Int) -> Budget {
        var budget = Budget.request
        budget.cpuMicroseconds = milliseconds * 1000
        return budget
    }

    static func memory(_ bytes: Int) -> Budget {
        var budget = Budget.request
        budget.memoryBytes = bytes
        return budget
    }
}
