import EdgeIsolate
import Synchronization

/// The requests that wait for a background thread, and the isolates of those that begin on one. Shared by all lanes.
///
/// Each entry is matched by a job, at least, that a lane offloads; which entry a job runs is decided when it runs, so that workers
/// share the threads fairly.
public final class BackgroundQueue: Sendable {
    /// Requests whose background part is over and whose lane has not taken them back yet hold their isolates: beyond so many
    /// for each thread no further slice begins, or a busy lane would let them pile up.
    private static let maximumReturns = 4

    private struct State {
        var waiting = FairQueue<ObjectIdentifier, Invocation>()
        /// On their way back to their lanes.
        var returning = 0
        /// Jobs that found too many on their way back; one is made up for with each that arrives.
        var postponed = 0
    }

    private let queue = Mutex(State())
    private let pool: Mutex<SlotPool>
    private let threads: Int

    /// - Parameters:
    ///   - threads: how many background threads there are.
    ///   - maximumIsolates: how many isolates may be with requests that began on one.
    public init(threads: Int, maximumIsolates: Int = 4096) {
        precondition(threads > 0)
        self.threads = threads
        self.pool = Mutex(SlotPool(maximumSlots: maximumIsolates))
    }

    /// Takes a request that has not begun; false where too many of its worker wait already. Another one of the worker that
    /// fills the queue may be refused in its place.
    func begin(_ invocation: Invocation) -> Bool {
        let load = invocation.worker.load
        let affordable = load.affordableWaiting(threads: self.threads)
        let admission = self.queue.withLock {
            $0.waiting.add(invocation, of: ObjectIdentifier(load), maximum: affordable)
        }
        switch admission {
        case .refused:
            return false
        case .taken:
            break
        case .takenInsteadOf(let other):
            other.refuseFromBackground()
        }
        invocation.gateway.lane.offload { self.runNext() }
        return true
    }

    /// Takes a request that goes on with its next slice.
    func goOn(_ invocation: Invocation) {
        self.queue.withLock { $0.waiting.addContinuation(invocation, of: ObjectIdentifier(invocation.worker.load)) }
        invocation.gateway.lane.offload { self.runNext() }
    }

    /// On a background thread: one slice of the request whose turn it is. There may be none, when one was refused after it
    /// had been taken.
    private func runNext() {
        let next = self.queue.withLock { state -> (flow: ObjectIdentifier, entry: Invocation)? in
            guard state.returning < Self.maximumReturns * self.threads else {
                state.postponed += 1
                return nil
            }
            return state.waiting.next()
        }
        guard let (flow, invocation) = next else { return }
        let before = RuntimeClock.threadCPUNanoseconds()
        invocation.runInBackground()
        let used = RuntimeClock.threadCPUNanoseconds() - before
        self.queue.withLock { $0.waiting.finish(flow, usedNanoseconds: used) }
    }

    /// One more job while something waits. A wake-up of the background threads can be lost (glibc before 2.41, its bug 25847):
    /// without this a request could wait until the next one is offloaded.
    func nudge(from lane: any Lane) {
        let isOwed = self.queue.withLock { !$0.waiting.isEmpty }
        if isOwed { lane.offload { self.runNext() } }
    }

    /// A request goes back to its lane, which will call ``arrived(on:)``.
    func leaves() {
        self.queue.withLock { $0.returning += 1 }
    }

    func arrived(on lane: any Lane) {
        let isOwed = self.queue.withLock { state in
            state.returning -= 1
            guard state.postponed > 0 else { return false }
            state.postponed -= 1
            return true
        }
        if isOwed { lane.offload { self.runNext() } }
    }

    func lease(_ image: Image) -> Isolate? {
        self.pool.withLock { pool in
            IsolateLease.take(image, from: &pool)
        }
    }

    func giveBack(_ isolate: consuming Isolate, of image: Image, now: UInt64) {
        var isolate = Optional(isolate)
        self.pool.withLock { pool in
            guard let isolate = isolate.take() else { return }
            IsolateLease.giveBack(isolate, of: image, to: &pool, now: now)
        }
    }

    func trim(idleSince deadline: UInt64) {
        self.pool.withLock { $0.trim(idleSince: deadline) }
    }

    func forget(_ images: [Image]) {
        self.pool.withLock { pool in
            for image in images {
                pool.forget(image)
            }
        }
    }
}
