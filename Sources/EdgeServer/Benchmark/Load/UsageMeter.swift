/// What the server and the load generator have used while requests were recorded.
struct UsageMeter {
    private let pid: Int32?
    private var server: (start: ProcessUsage?, end: ProcessUsage?)
    private var own: (start: ProcessUsage, end: ProcessUsage)?
    private var peakKiB = 0

    init(pid: Int32?) {
        self.pid = pid
        self.server = (nil, nil)
    }

    mutating func begin() {
        self.own = (ProcessUsage.own(), ProcessUsage.own())
        self.server.start = self.pid.flatMap(ProcessUsage.read)
        self.peakKiB = self.server.start?.residentKiB ?? 0
    }

    /// The server's memory now, in KiB.
    mutating func sample() -> Int? {
        guard self.server.start != nil, let now = self.pid.flatMap(ProcessUsage.read) else { return nil }
        self.peakKiB = max(self.peakKiB, now.residentKiB)
        return now.residentKiB
    }

    mutating func end() {
        guard let start = self.own?.start else { return }
        self.own = (start, ProcessUsage.own())
        _ = self.sample()
        self.server.end = self.pid.flatMap(ProcessUsage.read)
    }

    /// nil where the recording was never begun.
    var result: LoadUsage? {
        guard let own = self.own else { return nil }
        let generator = own.end.cpuNanoseconds - own.start.cpuNanoseconds
        guard let start = self.server.start, let end = self.server.end, let pid = self.pid else {
            return LoadUsage(generatorNanoseconds: generator, server: nil)
        }
        let server = LoadUsage.Server(
            pid: pid,
            // A process that was replaced meanwhile begins at 0.
            cpuNanoseconds: end.cpuNanoseconds - min(start.cpuNanoseconds, end.cpuNanoseconds),
            userMicroseconds: end.userMicroseconds - min(start.userMicroseconds, end.userMicroseconds),
            systemMicroseconds: end.systemMicroseconds - min(start.systemMicroseconds, end.systemMicroseconds),
            startKiB: start.residentKiB,
            endKiB: end.residentKiB,
            peakKiB: self.peakKiB,
            threads: end.threads
        )
        return LoadUsage(generatorNanoseconds: generator, server: server)
    }
}

/// Of the recorded window; memory is resident memory.
struct LoadUsage: Sendable, Equatable {
    struct Server: Sendable, Equatable {
        var pid: Int32
        var cpuNanoseconds: UInt64
        var userMicroseconds: UInt64
        var systemMicroseconds: UInt64
        var startKiB: Int
        var endKiB: Int
        /// The largest of ten samples a second.
        var peakKiB: Int
        var threads: Int
    }

    /// CPU time of the generator's process.
    var generatorNanoseconds: UInt64
    /// nil where the server's process is unknown, or ended.
    var server: Server?
}

/// What a load came to.
struct LoadResult: Sendable {
    var plan: LoadPlan
    var recorder: LoadRecorder
    var usage: LoadUsage?
}
