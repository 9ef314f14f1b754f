/// What one request of a worker may use. The defaults hold where a manifest says nothing.
public struct WorkerLimits: Sendable, Equatable {
    /// CPU time of the guest, in microseconds.
    public var cpuMicroseconds = 30_000_000
    /// Time from the start of the request to its end, in milliseconds.
    public var wallMilliseconds = 60_000
    /// The isolate's heap, in bytes, its image included.
    public var memoryBytes = 64 << 20
    /// Host calls.
    public var hostCalls = 1_000
    /// The request's body, in bytes.
    public var requestBodyBytes = 16 << 20
    /// The response's body, in bytes.
    public var responseBytes = 64 << 20
    /// What the request may log, in bytes.
    public var logBytes = 64 << 10
    /// Requests of the worker in progress at once; those beyond are answered 503.
    public var concurrency = 1_000

    public init() {}
}

/// The most that a manifest may ask for; the operator sets it.
public struct LimitCeilings: Sendable, Equatable {
    public var maximum: WorkerLimits

    /// Ceilings of 30 s CPU, 15 minutes wall time, 512 MiB memory, 100,000 host calls, 32 MiB request, 1 GiB response,
    /// 16 MiB log and 10,000 requests at once.
    public init() {
        self.maximum = WorkerLimits()
        self.maximum.wallMilliseconds = 15 * 60_000
        self.maximum.memoryBytes = 512 << 20
        self.maximum.hostCalls = 100_000
        self.maximum.requestBodyBytes = 32 << 20
        self.maximum.responseBytes = 1 << 30
        self.maximum.logBytes = 16 << 20
        self.maximum.concurrency = 10_000
    }

    public init(maximum: WorkerLimits) {
        self.maximum = maximum
    }
}

/// A field of a manifest's `limits` table and what it sets.
struct LimitField: Sendable {
    let name: String
    let path: WritableKeyPath<WorkerLimits, Int> & Sendable
    /// How much one unit of the manifest is in units of ``WorkerLimits``.
    let scale: Int

    static let all = [
        LimitField(name: "cpu_ms", path: \.cpuMicroseconds, scale: 1_000),
        LimitField(name: "wall_ms", path: \.wallMilliseconds, scale: 1),
        LimitField(name: "memory_mb", path: \.memoryBytes, scale: 1 << 20),
        LimitField(name: "host_calls", path: \.hostCalls, scale: 1),
        LimitField(name: "request_mb", path: \.requestBodyBytes, scale: 1 << 20),
        LimitField(name: "response_mb", path: \.responseBytes, scale: 1 << 20),
        LimitField(name: "log_kb", path: \.logBytes, scale: 1 << 10),
        LimitField(name: "concurrency", path: \.concurrency, scale: 1),
    ]
}
