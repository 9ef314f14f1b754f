import EdgeIsolate
import Synchronization

/// A worker as the index of the last start tells of it. The worker itself is made when it is first asked for.
final class KeptWorker: Sendable {
    let summary: WorkerSummary
    private let make: @Sendable () -> Worker?
    private let made = AtomicLazyReference<Worker>()

    init(_ summary: WorkerSummary, make: @escaping @Sendable () -> Worker?) {
        self.summary = summary
        self.make = make
    }

    /// nil without memory.
    var worker: Worker? {
        if let worker = self.made.load() { return worker }
        return self.make().map { self.made.storeIfNil($0) }
    }
}

/// What is told of a worker at a start.
public struct WorkerSummary: Sendable {
    public var name: String
    public var routes: [RoutePattern]
    /// What its isolates share and what each has of its own.
    public var imageByteCount: Int
    /// How long the top level and the freeze took, in this process or, where the image is kept, in the one that built it.
    public var loadNanoseconds: UInt64
    public var isKept: Bool

    init(_ worker: Worker) {
        self.name = worker.name
        self.routes = worker.routes
        self.imageByteCount = worker.image.byteCount + worker.image.sharedByteCount
        self.loadNanoseconds = worker.loadNanoseconds
        self.isKept = worker.isKept
    }

    init(_ entry: StartIndex.Entry) {
        self.name = entry.name
        self.routes = entry.routes
        self.imageByteCount = entry.byteCount
        self.loadNanoseconds = entry.loadNanoseconds
        self.isKept = true
    }
}

extension Worker {
    public var summary: WorkerSummary { WorkerSummary(self) }
}
