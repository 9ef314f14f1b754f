import CIsolate

/// Why an isolate was ended from outside.
public enum KillReason: Sendable, Equatable {
    case cpu
    case wallTime
    case memory
    case hostCalls
    /// A memory fault, or an error beyond every protected call: the VM itself failed in this isolate.
    case fault
    /// The memory of all isolates together is used up, or this worker's share of it.
    case overload
}

/// An error that no handler of the script caught.
public struct ScriptFailure: Error, Sendable, Equatable {
    /// The error's text, usually with file and line.
    public var message: String
    public var traceback: String

    public init(message: String, traceback: String) {
        self.message = message
        self.traceback = traceback
    }
}

/// What one step of an isolate came to.
public enum Step {
    /// The guest waits for a host call; the reader is before the array of its arguments.
    case call(operation: UInt8, arguments: MessageReader)
    /// The entry has returned; the reader is before the array of its results.
    case done(MessageReader)
    case failed(ScriptFailure)
    /// The time slice is over: step again, on any thread, without a message.
    case preempted
    /// The heap is void until it is restored.
    case killed(KillReason)

    init(_ raw: edge_step) {
        let bytes = UnsafeRawBufferPointer(start: raw.message, count: raw.length)
        switch raw.status {
        case EDGE_CALL:
            precondition(bytes.count > 0, "a host call carries its operation")
            let arguments = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
            self = .call(operation: bytes[0], arguments: MessageReader(arguments))
        case EDGE_DONE:
            self = .done(MessageReader(bytes))
        case EDGE_FAILED:
            self = .failed(ScriptFailure(message: bytes))
        case EDGE_PREEMPTED:
            self = .preempted
        default:
            self = .killed(KillReason(raw.reason))
        }
    }
}

extension KillReason {
    fileprivate init(_ raw: edge_kill) {
        switch raw {
        case EDGE_KILL_CPU: self = .cpu
        case EDGE_KILL_WALL: self = .wallTime
        case EDGE_KILL_MEMORY: self = .memory
        case EDGE_KILL_HOST_CALLS: self = .hostCalls
        case EDGE_KILL_OVERLOAD: self = .overload
        default: self = .fault
        }
    }
}

extension ScriptFailure {
    fileprivate init(message bytes: UnsafeRawBufferPointer) {
        var reader = MessageReader(bytes)
        do {
            _ = try reader.beginArray()
            let message = String(decoding: try reader.readBytes(), as: UTF8.self)
            let traceback = String(decoding: try reader.readBytes(), as: UTF8.self)
            self.init(message: message, traceback: Self.withoutPrelude(traceback))
        } catch {
            self.init(message: "(an error without a readable message)", traceback: "")
        }
    }

    /// Functions of the prelude, which has no file and no lines, tell the script's author nothing.
    private static func withoutPrelude(_ traceback: String) -> String {
        traceback.split(separator: "\n").filter { !$0.hasPrefix("\t?: in ") }.joined(separator: "\n")
    }
}
