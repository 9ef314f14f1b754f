import EdgeIsolate

/// A worker whose image is in memory for as long as this value lives.
public struct LoadedWorker: Sendable {
    public let worker: Worker
    let hold: ImageHold

    /// Reads the image where it is not in memory; nil where that fails.
    public init?(_ worker: Worker) {
        guard let hold = worker.image.hold() else { return nil }
        self.worker = worker
        self.hold = hold
    }
}

/// Loads images off the lanes.
public protocol ImageLoader: Sendable {
    /// Calls back, on any thread, with the worker to serve: this one, or, where its image is lost, as it was built anew; nil
    /// where neither can be had. Not at all where the process is about to end.
    func load(_ worker: Worker, _ done: @escaping @Sendable (LoadedWorker?) -> Void)
}
