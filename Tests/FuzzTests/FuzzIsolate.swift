import EdgeIsolate
import Synchronization

/// An isolate whose entries the targets call. It is not frozen, so that it can have the arena that AddressSanitizer watches; it
/// serves some calls, and what it keeps of one must not matter to the next.
enum FuzzIsolate {
    private struct Kept: ~Copyable {
        var builder: IsolateBuilder?
        var calls = 0
    }

    private static let budget = Budget(
        cpuMicroseconds: 300_000,
        memoryBytes: 16 << 20,
        messageBytes: 1 << 20,
        hostCalls: 100,
        logBytes: 1 << 10
    )
    private static let callsOfOne = 100
    private static let prelude = CompiledPrelude(Array(FuzzPrelude.text.utf8))
    private static let kept = Mutex(Kept())

    /// The results of an entry; nil where CPU time or memory ended it, as they should. Throws what the entry raised, and a
    /// fault of the VM.
    static func call(_ entry: String, _ arguments: [Value]) throws -> [Value]? {
        try Self.kept.withLock { kept in
            if kept.builder == nil || kept.calls == Self.callsOfOne {
                kept.builder = try IsolateBuilder.boot(budget: Self.budget, prelude: Self.prelude, operations: .nil)
                kept.calls = 0
            }
            kept.calls += 1
            let results = try Self.run(entry, arguments, &kept)
            if results == nil { kept.builder = nil }
            return results
        }
    }

    private static func run(_ entry: String, _ arguments: [Value], _ kept: inout Kept) throws -> [Value]? {
        do {
            return try kept.builder?.run(entry: entry, arguments: arguments, unixMilliseconds: 0) { _, _, reply in
                reply.failReply("there is no host here")
            }
        } catch BuildError.killed(let reason) where reason != .fault {
            return nil
        } catch BuildError.tooManyValues {
            return nil
        } catch {
            kept.builder = nil
            throw Violation("\(entry): \(error)")
        }
    }
}
