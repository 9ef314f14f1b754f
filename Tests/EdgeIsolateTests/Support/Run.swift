import EdgeIsolate

/// What one run of a worker came to, copied out of its slot.
struct Run: Sendable {
    enum Outcome: Sendable, Equatable {
        case done([Value])
        case failed(String)
        case killed(KillReason)
        /// The result was no readable message.
        case unreadable
    }

    static let unixMilliseconds: Int64 = 1_750_000_000_000

    private(set) var outcome = Outcome.unreadable
    private(set) var traceback = ""
    private(set) var preemptions = 0
    /// The arguments of each host call, in order.
    private(set) var calls: [[Value]] = []
    /// CPU time after each step.
    private(set) var cpuNanoseconds: [UInt64] = []
    private(set) var usage: Usage
    /// The records of the log; nil where they could not be read.
    private(set) var log: [Value]?

    /// Restores the isolate and steps it to its end, serving its host calls.
    init(_ isolate: borrowing Isolate, arguments: [Value], budget: Budget, sliceNanoseconds: UInt64 = 0) {
        isolate.restore(budget: budget)
        self.usage = isolate.usage
        var writer = MessageWriter()
        writer.beginArray(count: arguments.count)
        for argument in arguments {
            writer.write(argument)
        }
        while self.advance(isolate, &writer, sliceNanoseconds) {}
        self.usage = isolate.usage
        self.log = Self.records(isolate.log)
    }

    var values: [Value] {
        guard case .done(let values) = self.outcome else { return [] }
        return values
    }

    /// The first result; nil where the run did not end well.
    var value: Value? { self.values.first }

    /// Makes one step; false after the last one.
    private mutating func advance(
        _ isolate: borrowing Isolate,
        _ writer: inout MessageWriter,
        _ sliceNanoseconds: UInt64
    ) -> Bool {
        let step = writer.bytes.withUnsafeBytes { message in
            isolate.step(
                message: message,
                unixMilliseconds: Self.unixMilliseconds,
                sliceNanoseconds: sliceNanoseconds
            )
        }
        self.cpuNanoseconds.append(isolate.usage.cpuNanoseconds)
        switch step {
        case .call(let operation, var arguments):
            guard case .array(let values)? = try? arguments.readValue() else { return false }
            self.calls.append(values)
            Self.serve(operation, values, &writer)
            return true
        case .preempted:
            self.preemptions += 1
            writer.removeAll()
            return true
        case .done(var results):
            if case .array(let values)? = try? results.readValue() {
                self.outcome = .done(values)
            }
        case .failed(let failure):
            self.outcome = .failed(failure.message)
            self.traceback = failure.traceback
        case .killed(let reason):
            self.outcome = .killed(reason)
        }
        return false
    }

    /// The host of these tests.
    static func serve(_ operation: UInt8, _ arguments: [Value], _ reply: inout MessageWriter) {
        switch Worker.Operation(rawValue: operation) {
        case .echo:
            reply.beginReply(count: arguments.count)
            for argument in arguments {
                reply.write(argument)
            }
        case .fail:
            reply.failReply(arguments.first?.text ?? "no text")
        case nil:
            reply.failReply("no such operation")
        }
    }

    private static func records(_ log: MessageReader) -> [Value]? {
        var reader = log
        var records: [Value] = []
        while !reader.isAtEnd {
            guard let record = try? reader.readValue() else { return nil }
            records.append(record)
        }
        return records
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    public init(stringLiteral text: String) {
        self = .text(text)
    }

    public init(integerLiteral integer: Int64) {
        self = .integer(integer)
    }
}
