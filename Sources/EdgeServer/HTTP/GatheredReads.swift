import NIOCore

/// A connection that can be read together with others.
protocol GatheredReader: AnyObject {
    /// Its place, kept by ``GatheredReads``; -1 outside it.
    var gatheringSlot: Int { get set }
    var context: ChannelHandlerContext? { get }
    /// Input has arrived, or its end.
    func readGathered()
    /// It is on its own again.
    func gatheringEnded()
}

/// Reads the connections of one event loop whose requests are refused together, once every few milliseconds.
///
/// An overloaded server gets more requests than it can answer, and to wake up for each one that it refuses costs its core
/// several times what the refusal does: the caches are those of the work it is taken from. So while many are refused, the
/// connections that were refused last stay out of the event loop's sight. The kernel keeps what they send; a set beside the
/// loop's own tells which have sent something. See decision 26. Lives on its event loop.
final class GatheredReads {
    struct Terms: Sendable {
        /// Between two reads.
        var interval = TimeAmount.milliseconds(2)
        /// Over so many intervals refusals are counted.
        var window = 8
        /// So many refusals in a window begin it,
        var beginning = 6
        /// and fewer than so many end it.
        var least = 3
    }

    private enum State {
        case resting
        /// Some were refused; whether they are many shows at the end of the window.
        case watching
        case gathering(intervalsLeft: Int)
    }

    private let eventLoop: any EventLoop
    private let readiness: any ReadinessSet
    private let terms: Terms
    private var state = State.resting
    private var refusals = 0
    private var readers: [(any GatheredReader)?] = []
    private var freeSlots: [Int] = []
    private var ready: [UInt32] = []
    /// For one read at a time.
    var buffer = ByteBuffer()

    init(eventLoop: any EventLoop, readiness: any ReadinessSet, terms: Terms) {
        self.eventLoop = eventLoop
        self.readiness = readiness
        self.terms = terms
    }

    /// Whether connections that are refused may leave the event loop's sight.
    var isActive: Bool {
        if case .gathering = self.state { true } else { false }
    }

    /// The connections that are out of the event loop's sight.
    var heldCount: Int {
        self.readers.count - self.freeSlots.count
    }

    /// A request was refused for want of room.
    func countRefusal() {
        self.refusals += 1
        guard case .resting = self.state else { return }
        self.state = .watching
        self.eventLoop.assumeIsolated().scheduleTask(in: self.terms.interval * self.terms.window) { self.decide() }
    }

    private func decide() {
        if self.refusals >= self.terms.beginning {
            self.state = .gathering(intervalsLeft: self.terms.window)
            self.scheduleRead()
        } else {
            self.state = .resting
        }
        self.refusals = 0
    }

    private func scheduleRead() {
        self.eventLoop.assumeIsolated().scheduleTask(in: self.terms.interval) { self.read() }
    }

    private func read() {
        guard case .gathering(let left) = self.state else { return }
        self.readiness.take(into: &self.ready)
        // By index: a reader may let others go.
        for index in self.ready.indices { self.readers[Int(self.ready[index])]?.readGathered() }
        if left > 1 {
            self.state = .gathering(intervalsLeft: left - 1)
        } else if self.refusals >= self.terms.least {
            self.state = .gathering(intervalsLeft: self.terms.window)
            self.refusals = 0
        } else {
            return self.end()
        }
        self.scheduleRead()
    }

    private func end() {
        self.state = .resting
        self.refusals = 0
        for reader in self.readers {
            guard let reader else { continue }
            self.release(reader)
            reader.gatheringEnded()
        }
    }

    /// Takes a connection in that has no read under way; false where that can't be.
    func hold(_ reader: any GatheredReader) -> Bool {
        guard reader.gatheringSlot < 0, let context = reader.context else { return reader.gatheringSlot >= 0 }
        let slot = self.freeSlots.popLast() ?? self.readers.count
        if slot == self.readers.count { self.readers.append(nil) }
        guard self.readiness.add(context, token: UInt32(slot)) else {
            self.freeSlots.append(slot)
            return false
        }
        self.readers[slot] = reader
        reader.gatheringSlot = slot
        return true
    }

    /// Lets a connection go, if it is here.
    func release(_ reader: any GatheredReader) {
        guard reader.gatheringSlot >= 0 else { return }
        if let context = reader.context { self.readiness.remove(context) }
        self.readers[reader.gatheringSlot] = nil
        self.freeSlots.append(reader.gatheringSlot)
        reader.gatheringSlot = -1
    }
}
