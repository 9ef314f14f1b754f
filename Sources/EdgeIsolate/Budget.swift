import CIsolate

/// What one run of an isolate may use.
public struct Budget: Sendable, Equatable {
    /// CPU time in microseconds, all steps added up; checked by a tick of 1 ms.
    public var cpuMicroseconds: Int
    /// The monotonic clock in nanoseconds after which the guest is ended; nil for none.
    public var wallDeadlineNanoseconds: UInt64?
    /// The heap, image included, in bytes; exact.
    public var memoryBytes: Int
    /// One message to the host, in bytes: the arguments of a call, or the result.
    public var messageBytes: Int
    public var hostCalls: Int
    /// All log records, in bytes; those beyond are counted and dropped.
    public var logBytes: Int

    public init(
        cpuMicroseconds: Int,
        wallDeadlineNanoseconds: UInt64? = nil,
        memoryBytes: Int,
        messageBytes: Int,
        hostCalls: Int,
        logBytes: Int
    ) {
        self.cpuMicroseconds = cpuMicroseconds
        self.wallDeadlineNanoseconds = wallDeadlineNanoseconds
        self.memoryBytes = memoryBytes
        self.messageBytes = messageBytes
        self.hostCalls = hostCalls
        self.logBytes = logBytes
    }

    var raw: edge_budget {
        edge_budget(
            cpu_ns: UInt64(self.cpuMicroseconds) * 1000,
            wall_deadline_ns: self.wallDeadlineNanoseconds ?? 0,
            memory_bytes: UInt64(self.memoryBytes),
            message_bytes: UInt64(self.messageBytes),
            host_calls: UInt32(clamping: self.hostCalls),
            log_bytes: UInt32(clamping: self.logBytes)
        )
    }
}

/// What a run has used so far.
public struct Usage: Sendable, Equatable {
    public var cpuNanoseconds: UInt64
    /// The highest extent of the heap, image included.
    public var heapBytes: Int
    public var hostCalls: Int
    /// Log records over the limit.
    public var droppedLogRecords: Int

    public init(cpuNanoseconds: UInt64, heapBytes: Int, hostCalls: Int, droppedLogRecords: Int) {
        self.cpuNanoseconds = cpuNanoseconds
        self.heapBytes = heapBytes
        self.hostCalls = hostCalls
        self.droppedLogRecords = droppedLogRecords
    }
}
