import EdgeIsolate

// What happens to an event whose worker's image is not in memory.
extension WorkerGateway {
    /// An image up to this size is read on the lane: that takes less than a millisecond, and less than the way to another thread
    /// and back.
    private static let laneImageBytes = 1 << 20
    /// So many events may wait for images at once.
    private static let maximumWaiting = 1_000

    func deliverUnloaded(_ event: Event, to worker: Worker, sink: any ResponseSink) {
        guard self.makeRoom(for: worker.image) else {
            return self.refuse(.overloaded, worker: worker.name, sink: sink)
        }
        let isSmall =
            worker.image.byteCount + worker.image.sharedByteCount <= Self.laneImageBytes
            || self.services.imageLoader == nil
        if isSmall, !worker.image.isLost, let loaded = LoadedWorker(worker) {
            return self.begin(event, loaded, sink)
        }
        guard let loader = self.services.imageLoader else {
            return self.refuse(.loadFailed, worker: worker.name, sink: sink)
        }
        guard self.waitingForImage < Self.maximumWaiting else {
            return self.refuse(.overloaded, worker: worker.name, sink: sink)
        }
        self.waitingForImage += 1
        self.activeCount += 1
        let waiting = WaitingEvent(gateway: self, event: event, worker: worker, sink: sink)
        let lane = self.lane
        loader.load(worker) { loaded in
            lane.execute { waiting.goOn(with: loaded) }
        }
    }

    fileprivate func goOn(_ waiting: WaitingEvent, _ loaded: LoadedWorker?) {
        self.waitingForImage -= 1
        self.activeCount -= 1
        if let loaded {
            self.begin(waiting.event, loaded, waiting.sink)
        } else {
            let outcome: Outcome = waiting.worker.image.isLost ? .loadFailed : .overloaded
            self.refuse(outcome, worker: waiting.worker.name, sink: waiting.sink)
        }
    }

    private func begin(_ event: Event, _ loaded: LoadedWorker, _ sink: any ResponseSink) {
        // Until it has its isolate, or its own hold.
        withExtendedLifetime(loaded.hold) { self.begin(event, LaneWorker(loaded.worker), sink) }
    }
}

/// An event that waits for an image.
// Unchecked Sendable: it belongs to its lane; the loader only carries it.
private final class WaitingEvent: @unchecked Sendable {
    private let gateway: WorkerGateway
    let event: Event
    let worker: Worker
    let sink: any ResponseSink

    init(gateway: WorkerGateway, event: Event, worker: Worker, sink: any ResponseSink) {
        self.gateway = gateway
        self.event = event
        self.worker = worker
        self.sink = sink
    }

    func goOn(with loaded: LoadedWorker?) {
        self.gateway.goOn(self, loaded)
    }
}
