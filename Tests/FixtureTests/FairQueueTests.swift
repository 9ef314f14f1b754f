import Testing

@testable import EdgeRuntime

@Suite("fair queue")
struct FairQueueTests {
    typealias Queue = FairQueue<String, Int>

    private static func add(_ entry: Int, of flow: String, to queue: inout Queue) -> Bool {
        if case .taken = queue.add(entry, of: flow, maximum: .max) { return true }
        return false
    }

    @Test("one flow is served in order")
    func inOrder() {
        var queue = Queue()
        for entry in 1...5 { #expect(Self.add(entry, of: "a", to: &queue)) }
        for entry in 1...5 {
            let next = queue.next()
            #expect(next?.entry == entry)
            queue.finish("a", usedNanoseconds: 1)
        }
        #expect(queue.next() == nil && queue.isEmpty)
    }

    @Test("a flow with many entries gets no more time than one with few")
    func shares() {
        var queue = Queue()
        for entry in 0..<200 { #expect(Self.add(entry, of: "many", to: &queue)) }
        var used = ["many": 0, "few": 0]
        for round in 0..<100 {
            if queue.waitingCount(of: "few") == 0 { #expect(Self.add(1000 + round, of: "few", to: &queue)) }
            guard let next = queue.next() else { break }
            // The few are long, the many short: time counts, not turns.
            let time: UInt64 = next.flow == "few" ? 8_000_000 : 1_000_000
            used[next.flow, default: 0] += Int(time)
            queue.finish(next.flow, usedNanoseconds: time)
        }
        let (many, few) = (used["many", default: 0], used["few", default: 0])
        #expect(abs(many - few) <= 8_000_000, "\(used)")
    }

    @Test("a flow that comes late does not make up for the time it was idle")
    func latecomer() {
        var queue = Queue()
        for entry in 0..<40 { #expect(Self.add(entry, of: "old", to: &queue)) }
        for _ in 0..<20 where queue.next() != nil { queue.finish("old", usedNanoseconds: 10_000_000) }
        for entry in 0..<40 { #expect(Self.add(entry, of: "late", to: &queue)) }
        var turns: [String: Int] = [:]
        for _ in 0..<20 {
            guard let next = queue.next() else { break }
            turns[next.flow, default: 0] += 1
            queue.finish(next.flow, usedNanoseconds: 10_000_000)
        }
        #expect(turns["late", default: 0] <= 11 && turns["old", default: 0] >= 9, "\(turns)")
    }

    @Test("two threads don't both serve the same flow while another waits")
    func spreads() {
        var queue = Queue()
        for entry in 0..<4 { #expect(Self.add(entry, of: "a", to: &queue)) }
        #expect(Self.add(9, of: "b", to: &queue))
        let flows = [queue.next()?.flow, queue.next()?.flow]
        #expect(Set(flows) == ["a", "b"])
    }

    @Test("the newest of a flow over its own limit is refused; continuations never are")
    func ownLimit() {
        var queue = Queue(limits: .init(total: 100, perFlow: 3))
        for entry in 0..<3 { #expect(Self.add(entry, of: "a", to: &queue)) }
        #expect(!Self.add(3, of: "a", to: &queue))
        queue.addContinuation(7, of: "a")
        #expect(queue.waitingCount(of: "a") == 4 && queue.newCount == 3)
        if case .refused = queue.add(1, of: "b", maximum: 0) {} else { Issue.record("over the caller's maximum") }
    }

    @Test("what has begun goes on before more begins, once enough has begun")
    func begunFirst() {
        var queue = Queue(limits: .init(total: 100, perFlow: 100, begunPerFlow: 3))
        for entry in 0..<50 { #expect(Self.add(entry, of: "a", to: &queue)) }
        var begun: Set<Int> = []
        for _ in 0..<40 {
            guard let next = queue.next() else { break }
            begun.insert(next.entry)
            // Never done: each goes to the end of the line.
            queue.addContinuation(next.entry, of: "a")
            queue.finish("a", usedNanoseconds: 2_000_000)
        }
        #expect(begun == [0, 1, 2])
    }

    @Test("a full queue takes a newcomer in the place of the newest of the flow that fills it")
    func evicts() {
        var queue = Queue(limits: .init(total: 4, perFlow: 4))
        for entry in 0..<4 { #expect(Self.add(entry, of: "greedy", to: &queue)) }
        #expect(!Self.add(4, of: "greedy", to: &queue))
        guard case .takenInsteadOf(let evicted) = queue.add(10, of: "modest", maximum: .max) else {
            Issue.record("not taken")
            return
        }
        #expect(evicted == 3 && queue.newCount == 4)
        guard case .takenInsteadOf(let second) = queue.add(11, of: "modest", maximum: .max) else {
            Issue.record("not taken")
            return
        }
        #expect(second == 2)
        #expect(!Self.add(12, of: "modest", to: &queue), "it would have more than the other")
        #expect(!Self.add(4, of: "greedy", to: &queue))
    }

    @Test("nothing is lost or served twice, whatever happens", arguments: [1, 2, 3, 4, 5])
    func randomly(seed: UInt64) {
        var generator = SplitMix(state: seed)
        var queue = Queue(limits: .init(total: 20, perFlow: 12))
        var waiting: Set<Int> = []
        var running: [(flow: String, entry: Int)] = []
        for entry in 0..<4000 {
            let flow = ["a", "b", "c", "d"][Int(generator.next() % 4)]
            switch generator.next() % 4 {
            case 0, 1:
                switch queue.add(entry, of: flow, maximum: 10) {
                case .taken: waiting.insert(entry)
                case .refused: #expect(queue.newCount >= 10, "seed \(seed)")
                case .takenInsteadOf(let other):
                    #expect(waiting.remove(other) != nil, "seed \(seed)")
                    waiting.insert(entry)
                }
            case 2:
                guard let next = queue.next() else {
                    #expect(waiting.isEmpty, "seed \(seed)")
                    continue
                }
                #expect(waiting.remove(next.entry) != nil, "seed \(seed)")
                running.append((next.flow, next.entry))
            default:
                guard let done = running.popLast() else { continue }
                if generator.next() % 2 == 0 {
                    queue.addContinuation(done.entry, of: done.flow)
                    waiting.insert(done.entry)
                }
                queue.finish(done.flow, usedNanoseconds: generator.next() % 3_000_000)
            }
            #expect(queue.newCount <= 20, "seed \(seed)")
        }
        while let next = queue.next() {
            #expect(waiting.remove(next.entry) != nil, "seed \(seed)")
            queue.finish(next.flow, usedNanoseconds: 1)
        }
        for done in running { queue.finish(done.flow, usedNanoseconds: 1) }
        #expect(waiting.isEmpty && queue.isEmpty, "seed \(seed)")
    }
}

private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        return word ^ (word >> 31)
    }
}
