import EdgeIsolate

/// How the delivery of one event ended. The outcome alone decides status code, metric label and log level.
public enum Outcome: String, Sendable, CaseIterable {
    case ok
    case exception
    case exceededCPU = "exceeded_cpu"
    case exceededMemory = "exceeded_memory"
    case exceededHostCalls = "exceeded_host_calls"
    case exceededWallTime = "exceeded_wall_time"
    case vmFault = "vm_fault"
    case overloaded
    case loadFailed = "load_failed"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case requestTooLarge = "request_too_large"

    /// The status of the answer the host gives in the worker's place; `ok` has the worker's own.
    public var status: Int {
        switch self {
        case .ok: 200
        case .exception, .vmFault, .loadFailed: 500
        case .exceededCPU, .exceededMemory, .exceededHostCalls, .overloaded: 503
        case .exceededWallTime: 504
        case .notFound: 404
        case .methodNotAllowed: 405
        case .requestTooLarge: 413
        }
    }

    /// A short text for people, the `title` of the problem document.
    public var title: String {
        switch self {
        case .ok: "OK"
        case .exception: "The worker failed"
        case .exceededCPU: "The worker used more CPU time than it may"
        case .exceededMemory: "The worker used more memory than it may"
        case .exceededHostCalls: "The worker made more host calls than it may"
        case .exceededWallTime: "The worker took longer than it may"
        case .vmFault: "The virtual machine failed in this worker"
        case .overloaded: "Too many requests are in progress"
        case .loadFailed: "The worker could not be loaded"
        case .notFound: "No worker takes this route"
        case .methodNotAllowed: "No worker takes this method on this route"
        case .requestTooLarge: "The request's body is larger than the worker takes"
        }
    }

    init(_ reason: KillReason) {
        switch reason {
        case .cpu: self = .exceededCPU
        case .wallTime: self = .exceededWallTime
        case .memory: self = .exceededMemory
        case .hostCalls: self = .exceededHostCalls
        case .fault: self = .vmFault
        case .overload: self = .overloaded
        }
    }
}
