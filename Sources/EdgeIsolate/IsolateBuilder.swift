import CIsolate

/// Builds one image: a fresh state in a slot of its own, the prelude, any number of entries, and the freeze.
public struct IsolateBuilder: ~Copyable {
    private let slot: OpaquePointer
    private let budget: Budget

    private init(slot: OpaquePointer, budget: Budget) {
        self.slot = slot
        self.budget = budget
    }

    /// A fresh Lua state with the sandboxed libraries.
    ///
    /// - Parameters:
    ///   - budget: the startup limits; each entry may use them anew.
    ///   - prelude: returns the table of entries.
    ///   - operations: the numbers of the host calls by name, as the prelude gets them.
    public static func boot(
        budget: Budget,
        prelude: CompiledPrelude,
        operations: Value
    ) throws(BuildError) -> IsolateBuilder {
        try Engine.start()
        guard let slot = edge_slot_acquire(Isolate.maximumMemoryBytes, true) else {
            throw BuildError.noAddressSpace
        }
        let builder = IsolateBuilder(slot: slot, budget: budget)
        var raw = budget.raw
        try Self.check(edge_isolate_create(slot, &raw))
        var message = MessageWriter()
        message.beginArray(count: 1)
        message.write(operations)
        let step = edge_isolate_boot(slot, prelude.raw, message.bytes, message.bytes.count)
        try Self.check(step)
        return builder
    }

    deinit {
        edge_slot_release(self.slot)
    }

    /// Runs an entry to its end and returns its results.
    ///
    /// - Parameter host: serves a host call of the script's top level; writes the reply.
    public func run(
        entry: String,
        arguments: [Value],
        unixMilliseconds: Int64,
        host: (_ operation: UInt8, _ arguments: [Value], _ reply: inout MessageWriter) -> Void
    ) throws(BuildError) -> [Value] {
        var raw = self.budget.raw
        try Self.check(edge_isolate_enter(self.slot, entry, &raw))
        var writer = MessageWriter()
        writer.beginArray(count: arguments.count)
        for argument in arguments {
            writer.write(argument)
        }
        while true {
            switch self.step(writer.bytes, unixMilliseconds) {
            case .call(let operation, var arguments):
                host(operation, try Self.members(&arguments), &writer)
            case .done(var results):
                return try Self.members(&results)
            case .failed(let failure):
                throw BuildError.script(failure)
            case .preempted:
                preconditionFailure("a build has no time slice")
            case .killed(let reason):
                throw BuildError.killed(reason)
            }
        }
    }

    private static func members(_ reader: inout MessageReader) throws(BuildError) -> [Value] {
        do {
            if case .array(let values) = try reader.readValue() { return values }
        } catch MessageError.tooManyValues {
            throw BuildError.tooManyValues
        } catch {
            throw BuildError.malformedMessage
        }
        throw BuildError.malformedMessage
    }

    /// Freezes the heap so that a step runs `entry`.
    public consuming func freeze(entry: String) throws(BuildError) -> Image {
        var outcome = EDGE_FREEZE_DONE
        if let image = edge_isolate_freeze(self.slot, entry, &outcome) { return Image(image) }
        switch outcome {
        case EDGE_FREEZE_AMBIGUOUS: throw BuildError.ambiguousHeap
        case EDGE_FREEZE_NO_MEMORY: throw BuildError.noMemory
        default: throw BuildError.killed(.memory)
        }
    }

    /// The log records of the top level so far.
    public var log: MessageReader {
        var length = 0
        let bytes = edge_isolate_log(self.slot, &length)
        return MessageReader(UnsafeRawBufferPointer(start: bytes, count: length))
    }

    private func step(_ message: [UInt8], _ unixMilliseconds: Int64) -> Step {
        message.withUnsafeBufferPointer { message in
            var input = edge_input(
                message: message.baseAddress,
                length: message.count,
                unix_ms: unixMilliseconds,
                slice_ns: 0
            )
            return Step(edge_isolate_step(self.slot, &input))
        }
    }

    private static func check(_ raw: edge_step) throws(BuildError) {
        switch Step(raw) {
        case .killed(let reason): throw BuildError.killed(reason)
        case .failed(let failure): throw BuildError.script(failure)
        default: return
        }
    }
}

/// Trusted Lua text that images begin with, compiled once.
public final class CompiledPrelude: Sendable {
    // Never written after init, and never freed.
    nonisolated(unsafe) let raw: OpaquePointer

    /// The text returns the table of entries; a syntax error in it is a programmer's mistake.
    public init(_ source: [UInt8]) {
        let compiled = source.withUnsafeBytes {
            edge_prelude_compile($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard let compiled else { preconditionFailure("the prelude does not compile") }
        self.raw = compiled
    }
}

/// Why an image could not be built.
public enum BuildError: Error, Sendable, Equatable {
    case script(ScriptFailure)
    case killed(KillReason)
    case malformedMessage
    /// What the script returned, or gave to a host call, holds more than ``MessageReader/maximumValues``.
    case tooManyValues
    case noAddressSpace
    /// The process has no memory for the image.
    case noMemory
    /// Something in the heap looks like an address in the slot that it was built in. It need not in another one.
    case ambiguousHeap
    /// The signal handlers could not be installed; the value is an errno.
    case noSignals(Int32)

    /// Whether the same sources may be built another time.
    public var isTransient: Bool {
        switch self {
        case .noAddressSpace, .noMemory, .ambiguousHeap, .killed(.overload): true
        case .script, .killed, .malformedMessage, .tooManyValues, .noSignals: false
        }
    }
}

/// The process-wide part of the VM: its signal handlers, and which Lua it is.
public enum Engine {
    /// The version of Lua in this executable, and whether it carries edgehost's patches.
    public static var luaName: String { String(cString: edge_lua_name()) }
    public static var isLuaPatched: Bool { edge_lua_is_patched() }

    private static let result: Int32 = edge_initialize()

    /// Installs the signal handlers once.
    public static func start() throws(BuildError) {
        guard Self.result == 0 else { throw BuildError.noSignals(Self.result) }
    }
}
