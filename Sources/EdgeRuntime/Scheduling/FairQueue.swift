/// Entries of several flows (workers) that take turns, so that each flow gets the same share of time, however many entries
/// it has. A value type without a clock: time comes in as what entries have used.
///
/// An entry is new, and may be refused, or it goes on with what it has begun, and is always taken: what has begun is
/// bounded elsewhere (by isolates).
struct FairQueue<Flow: Hashable, Entry> {
    struct Limits: Sendable {
        /// New entries of all flows together.
        var total = 2048
        /// New entries of one flow.
        var perFlow = 256
        /// Entries of one flow that have begun and wait to go on, beyond which no new one of it begins: each holds memory.
        var begunPerFlow = 16
        /// What an entry is expected to use when it is taken; corrected when it comes back.
        var sliceNanoseconds: UInt64 = 2_000_000
    }

    enum Admission {
        case taken
        /// The flow has enough waiting.
        case refused
        /// Taken in the place of the newest entry of the flow that has most waiting, which was removed.
        case takenInsteadOf(Entry)
    }

    private struct Waiting {
        var entry: Entry
        var isNew: Bool
    }

    private struct Line {
        var waiting: [Waiting] = []
        /// Entries before this index have been taken.
        var head = 0
        var newCount = 0
        var begunCount: Int { self.count - self.newCount }
        var runningCount = 0
        /// Time used, in ns, on a clock that all flows share.
        var virtualNanoseconds: UInt64

        var count: Int { self.waiting.count - self.head }
    }

    /// Of flows with entries, and of idle ones that have used more than the others: they must not come back as if new.
    private var lines: [Flow: Line] = [:]
    /// Beyond so many lines those of idle flows that owe nothing any more are dropped.
    private static var keptLines: Int { 64 }
    private let limits: Limits
    private(set) var newCount = 0
    /// Where flows that come begin: those that were idle have saved nothing up.
    private var floorNanoseconds: UInt64 = 0

    init(limits: Limits = Limits()) {
        precondition(limits.total >= 1 && limits.perFlow >= 1)
        self.limits = limits
    }

    var isEmpty: Bool {
        self.lines.values.allSatisfy { $0.count == 0 }
    }

    func waitingCount(of flow: Flow) -> Int {
        self.lines[flow]?.count ?? 0
    }

    /// Adds an entry that must be taken: it goes on with what it has begun.
    mutating func addContinuation(_ entry: Entry, of flow: Flow) {
        self.append(Waiting(entry: entry, isNew: false), to: flow)
    }

    /// Adds an entry that has not begun.
    ///
    /// - Parameter maximum: how many new ones the flow may have waiting, beside the queue's own limit.
    mutating func add(_ entry: Entry, of flow: Flow, maximum: Int) -> Admission {
        let own = self.lines[flow]?.newCount ?? 0
        guard own < min(maximum, self.limits.perFlow) else { return .refused }
        guard self.newCount >= self.limits.total else {
            self.append(Waiting(entry: entry, isNew: true), to: flow)
            return .taken
        }
        guard let fullest = self.lines.max(by: { $0.value.newCount < $1.value.newCount }),
            fullest.value.newCount > own + 1, let removed = self.removeNewest(of: fullest.key)
        else { return .refused }
        self.append(Waiting(entry: entry, isNew: true), to: flow)
        return .takenInsteadOf(removed)
    }

    /// The next entry of the flow that has used least; ``finish(_:usedNanoseconds:)`` must follow.
    mutating func next() -> (flow: Flow, entry: Entry)? {
        guard let flow = self.leastUsed(), var line = self.lines.removeValue(forKey: flow) else { return nil }
        self.raiseFloor(to: line.virtualNanoseconds)
        let taken = self.take(from: &line)
        if taken.isNew {
            line.newCount -= 1
            self.newCount -= 1
        }
        line.runningCount += 1
        line.virtualNanoseconds += self.limits.sliceNanoseconds
        self.lines[flow] = line
        return (flow, taken.entry)
    }

    /// The first in line, or the first that has begun where too many have.
    private func take(from line: inout Line) -> Waiting {
        let isCrowded = line.begunCount >= self.limits.begunPerFlow
        if isCrowded, let index = line.waiting[line.head...].firstIndex(where: { !$0.isNew }), index > line.head {
            return line.waiting.remove(at: index)
        }
        let taken = line.waiting[line.head]
        line.head += 1
        if line.head * 2 > line.waiting.count {
            line.waiting.removeFirst(line.head)
            line.head = 0
        }
        return taken
    }

    private func leastUsed() -> Flow? {
        var least: (flow: Flow, nanoseconds: UInt64)?
        for (flow, line) in self.lines where line.count > 0 {
            if least.map({ line.virtualNanoseconds < $0.nanoseconds }) ?? true {
                least = (flow, line.virtualNanoseconds)
            }
        }
        return least?.flow
    }

    /// An entry that was taken has used its time; it may have been added again before.
    mutating func finish(_ flow: Flow, usedNanoseconds: UInt64) {
        guard var line = self.lines[flow] else { preconditionFailure("a flow stays while one of its entries runs") }
        precondition(line.runningCount > 0)
        line.runningCount -= 1
        line.virtualNanoseconds = line.virtualNanoseconds - self.limits.sliceNanoseconds + usedNanoseconds
        self.lines[flow] = line
    }

    private mutating func raiseFloor(to nanoseconds: UInt64) {
        guard nanoseconds > self.floorNanoseconds else { return }
        self.floorNanoseconds = nanoseconds
        if self.lines.count > Self.keptLines {
            self.lines = self.lines.filter { _, line in
                line.count > 0 || line.runningCount > 0 || line.virtualNanoseconds > nanoseconds
            }
        }
    }

    private mutating func append(_ waiting: Waiting, to flow: Flow) {
        var line = self.lines.removeValue(forKey: flow) ?? Line(virtualNanoseconds: self.floorNanoseconds)
        if line.count == 0 {
            line.virtualNanoseconds = max(line.virtualNanoseconds, self.floorNanoseconds)
        }
        line.waiting.append(waiting)
        if waiting.isNew {
            line.newCount += 1
            self.newCount += 1
        }
        self.lines[flow] = line
    }

    private mutating func removeNewest(of flow: Flow) -> Entry? {
        guard var line = self.lines.removeValue(forKey: flow) else { return nil }
        defer { self.lines[flow] = line }
        guard let index = line.waiting.indices.last(where: { $0 >= line.head && line.waiting[$0].isNew }) else {
            return nil
        }
        line.newCount -= 1
        self.newCount -= 1
        return line.waiting.remove(at: index).entry
    }
}
