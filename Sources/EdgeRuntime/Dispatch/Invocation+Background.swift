import EdgeIsolate

// What happens on background threads. The invocation belongs to the one that runs it; everything but the step itself (host
// calls, answers, the end) is the lane's.
extension Invocation {
    /// One slice; then the next one waits for its turn, or the lane goes on.
    func runInBackground() {
        guard self.hasIsolateForBackground() else {
            self.goBack()
            return
        }
        let step = self.backgroundMessage.withUnsafeBytes {
            self.step($0, self.gateway.services.sliceNanoseconds)
        }
        if case .preempted = step {
            self.backgroundMessage = []
            self.gateway.services.background.goOn(self)
            return
        }
        self.backgroundStep = step
        self.goBack()
    }

    private func goBack() {
        let background = self.gateway.services.background
        background.leaves()
        self.gateway.lane.execute {
            self.returnFromBackground()
            background.arrived(on: self.gateway.lane)
        }
    }

    /// A request that begins here gets its isolate only now, so that one that waits costs none.
    private func hasIsolateForBackground() -> Bool {
        guard !self.hasIsolate else { return true }
        guard let isolate = self.gateway.services.background.lease(self.worker.image) else { return false }
        self.isFromBackground = true
        self.restore(isolate)
        var writer = MessageWriter()
        EventMessage.write(self.event, requestID: self.requestID, to: &writer)
        self.backgroundMessage = writer.bytes
        return true
    }

    /// From any thread: another worker's request has taken its place in the queue.
    func refuseFromBackground() {
        self.gateway.lane.execute { self.returnFromBackground() }
    }
}
