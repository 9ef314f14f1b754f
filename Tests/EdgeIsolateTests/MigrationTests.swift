import EdgeIsolate
import Synchronization
import Testing

/// Guests that are stopped wherever they are, inside C functions too, and go on on other threads.
@Suite struct MigrationTests {
    /// Long work in one C function each, or in C called by Lua called by C; the result is a digest of what was done.
    static let bodies = [
        // A pattern that backtracks: one call of string.find.
        "return tostring(('a'):rep(400):find(('a*'):rep(2) .. 'b'))",
        // A comparator beneath table.sort, and table.sort alone.
        """
        local t = {}
        for i = 1, 60000 do t[i] = (i * 7919) % 60013 end
        table.sort(t, function(a, b) return a < b end)
        local u = {}
        for i = 1, 60000 do u[i] = (i * 104729) % 60013 end
        table.sort(u)
        return #t .. ' ' .. t[1] .. ' ' .. t[60000] .. ' ' .. u[777]
        """,
        // Callbacks beneath string.gsub.
        """
        local n = 0
        local s = ('abcdefghij'):rep(3000):gsub('(%w)(%w)', function(a, b) n = n + 1 return b .. a end)
        return n .. ' ' .. s:sub(1, 20) .. ' ' .. #s
        """,
        // Numbers to text and back: snprintf, strtod.
        """
        local sum = 0.0
        for i = 1, 60000 do
          local text = string.format('%.17g %a %d', i / 7, i * 1.1, i)
          sum = sum + tonumber(text:match('^%S+'))
        end
        return string.format('%.17g', sum)
        """,
        // The compiler, and large strings.
        """
        local parts = {}
        for i = 1, 4000 do parts[i] = 'x' .. i .. ' = ' .. i .. ' * 2' end
        local total = 0
        for i = 1, 10 do
          local env = {}
          load(table.concat(parts, '\\n'), 'chunk', 't', env)()
          total = total + env.x4000
        end
        return total .. ' ' .. #table.concat(parts, ' '):rep(200)
        """,
        // Metamethods and coroutines inside a comparator, an error through pcall each round.
        """
        local mt = { __lt = function(a, b)
          local w = coroutine.wrap(function() coroutine.yield(a.n < b.n) end)
          return w()
        end }
        local t, caught = {}, 0
        for i = 1, 3000 do t[i] = setmetatable({ n = (i * 31) % 3001 }, mt) end
        table.sort(t)
        for i = 1, 3000 do if not pcall(error, { i }) then caught = caught + 1 end end
        return t[1].n .. ' ' .. t[3000].n .. ' ' .. caught
        """,
        // JSON and math.
        """
        local t = {}
        for i = 1, 3000 do t[i] = { id = i, root = math.sqrt(i), name = 'n' .. i } end
        local sum = 0
        for round = 1, 8 do
          local back = json.decode(json.encode(t))
          for i = 1, #back do sum = sum + back[i].root + #back[i].name end
        end
        return string.format('%.10f', sum)
        """,
    ]

    /// One isolate for each body, and the answers so far.
    private struct Board {
        var queue: [Int] = []
        var answers: [Int: Answer] = [:]
        var parked: [Int: Int] = [:]
    }

    private enum Answer: Equatable {
        case value(Value)
        case otherwise
    }

    /// Isolates that threads hand to each other.
    // Unchecked: an index is in the queue of the board or with one thread.
    private final class Isolates: @unchecked Sendable {
        let list: [Held]

        init(_ list: [Held]) {
            self.list = list
        }
    }

    @Test func aGuestIsStoppedInsideCAndGoesOnElsewhere() throws {
        let workers = try Self.bodies.map { try Worker.body($0) }
        let expected = try workers.map { worker in try #require(worker.run().value) }
        let copies = 3
        let count = workers.count * copies
        var pool = SlotPool(maximumSlots: count)
        var held: [Held] = []
        for index in 0..<count {
            let isolate = try pool.require(workers[index % workers.count].image)
            isolate.restore(budget: .request)
            held.append(Held(isolate))
        }
        let isolates = Isolates(held)
        let board = Mutex(Board(queue: Array(0..<count)))
        _ = onThreads(4) { _ in
            while let index = board.withLock({ $0.queue.isEmpty ? nil : $0.queue.removeFirst() }) {
                Self.advance(isolates.list[index], index, board)
            }
        }
        let (answers, parked) = board.withLock { ($0.answers, $0.parked) }
        for index in 0..<count {
            #expect(answers[index] == .value(expected[index % workers.count]), "body \(index % workers.count)")
            #expect(parked[index, default: 0] > 0, "body \(index % workers.count) was never stopped")
            pool.giveBack(held[index].take(), of: workers[index % workers.count].image, now: 0)
        }
    }

    /// One slice, which ends at the first tick.
    private static func advance(_ isolate: Held, _ index: Int, _ board: borrowing Mutex<Board>) {
        var start = MessageWriter()
        start.beginArray(count: 0)
        let message = board.withLock { $0.parked[index] == nil ? start.bytes : [] }
        let answer: Answer? = isolate.with { isolate in
            let step = message.withUnsafeBytes {
                isolate.step(message: $0, unixMilliseconds: 0, sliceNanoseconds: 1)
            }
            switch step {
            case .preempted: return nil
            case .done(var results):
                guard case .array(let values)? = try? results.readValue(), let first = values.first else {
                    return .otherwise
                }
                return .value(first)
            case .call, .failed, .killed: return .otherwise
            }
        }
        board.withLock { board in
            if let answer {
                board.answers[index] = answer
            } else {
                board.parked[index, default: 0] += 1
                board.queue.append(index)
            }
        }
    }

    /// A guest is not stopped before it has read what the host gave it, which is the host's again when the step ends.
    @Test(arguments: ["echo(i, text)", "pcall(fail, text)"])
    func theHostsBytesAreReadBeforeAStop(call: String) throws {
        let worker = try Worker.body(
            """
            local text, sum = ('reply '):rep(200), 0
            for i = 1, 60000 do
              local a, b = \(call)
              if b ~= text and not (a == false and b:find(text, 1, true)) then error('got ' .. tostring(b)) end
              sum = sum + i
            end
            return sum
            """
        )
        var budget = Budget.request
        budget.hostCalls = 1_000_000
        try worker.withIsolate { isolate in
            isolate.restore(budget: budget)
            var writer = MessageWriter()
            writer.beginArray(count: 0)
            var stops = 0
            while true {
                var message = writer.bytes
                let step = message.withUnsafeMutableBytes { bytes in
                    let step = isolate.step(
                        message: UnsafeRawBufferPointer(bytes),
                        unixMilliseconds: 0,
                        sliceNanoseconds: 1
                    )
                    bytes.initializeMemory(as: UInt8.self, repeating: 0xEE)
                    return step
                }
                switch step {
                case .call(let operation, var arguments):
                    guard case .array(let values)? = try? arguments.readValue() else { return }
                    Run.serve(operation, values, &writer)
                case .preempted:
                    stops += 1
                    writer.removeAll()
                case .done(var results):
                    let values = try results.readValue()
                    #expect(values == .array([1_800_030_000]))
                    #expect(stops > 0)
                    return
                case .failed(let failure):
                    Issue.record("\(failure.message)")
                    return
                case .killed(let reason):
                    Issue.record("\(reason)")
                    return
                }
            }
        }
    }

    /// A stopped guest that nobody wants any more leaves its stack and its slot as good as new.
    @Test func aStoppedGuestCanBeGivenUp() throws {
        let worker = try Worker.body("return tostring(('a'):rep(4000):find(('a*'):rep(8) .. 'b'))")
        let light = try Worker.body("return 7")
        var pool = SlotPool(maximumSlots: 1)
        for _ in 0..<200 {
            let isolate = try pool.require(worker.image)
            isolate.restore(budget: .request)
            var start = MessageWriter()
            start.beginArray(count: 0)
            let isStopped = start.bytes.withUnsafeBytes { bytes in
                if case .preempted = isolate.step(message: bytes, unixMilliseconds: 0, sliceNanoseconds: 1) {
                    return true
                }
                return false
            }
            #expect(isStopped)
            pool.giveBack(isolate, of: worker.image, now: 0)
        }
        pool.forget(worker.image)
        #expect(try light.run().value == 7)
    }

    /// A guest that is stopped again and again is charged for all of it, and killed at its limit.
    @Test(arguments: [20, 50])
    func aStoppedGuestIsKilledAtItsLimit(milliseconds: Int) throws {
        let worker = try Worker.body("return tostring(('a'):rep(4000):find(('a*'):rep(8) .. 'b'))")
        let run = try worker.run(budget: .cpu(milliseconds: milliseconds), sliceNanoseconds: 1)
        #expect(run.outcome == .killed(.cpu))
        #expect(run.preemptions > 5)
        #expect(run.usage.cpuNanoseconds >= UInt64(milliseconds) * 1_000_000)
    }
}
