import EdgeIsolate
import Glibc
import Testing

@Suite struct PreemptionTests {
    static let slice: UInt64 = 1_000_000

    static let loops: [(source: String, expected: [Value])] = [
        ("local sum = 0 for i = 1, 3000000 do sum = sum + i end return sum", [4_500_001_500_000]),
        (
            """
            local function nest(n)
              if n > 0 then return coroutine.wrap(nest)(n - 1) end
              local sum = 0
              for i = 1, 3000000 do sum = sum + i end
              coroutine.yield()
              return sum
            end
            local w = coroutine.create(nest)
            local ok, sum = coroutine.resume(w, 5)
            return ok
            """, [.bool(true)]
        ),
        (
            """
            local total = 0
            for v in coroutine.wrap(function()
              for i = 1, 300000 do coroutine.yield(i) end
            end) do total = total + v end
            return total
            """, [45_000_150_000]
        ),
        (
            """
            local sum = 0
            for i = 1, 40 do
              local ok, part = pcall(function()
                local part = 0
                for j = 1, 50000 do part = part + j end
                error(part)
              end)
              sum = sum + part
            end
            return sum
            """, [50_001_000_000]
        ),
        (
            """
            local mt = { __index = function(t, k) local s = 0 for i = 1, 1000 do s = s + i end return s + k end }
            local t = setmetatable({}, mt)
            local sum = 0
            for i = 1, 2000 do sum = sum + t[i] end
            return sum
            """, [1_003_001_000]
        ),
        (
            """
            local t = {}
            for i = 1, 100000 do t[i] = (i * 7919) % 100003 end
            table.sort(t, function(a, b) return a < b end)
            for i = 2, #t do assert(t[i - 1] <= t[i]) end
            return #t
            """, [100000]
        ),
        (
            """
            local seen = 0
            for i = 1, 200 do
              local r, n = ('abcdefghij'):rep(100):gsub('.', function(c) seen = seen + 1 return c:upper() end)
              assert(r == ('ABCDEFGHIJ'):rep(100))
            end
            return seen
            """, [200000]
        ),
    ]

    @Test(arguments: loops.indices)
    func aLongRunIsRightThoughPreempted(index: Int) throws {
        let (source, expected) = Self.loops[index]
        let run = try Worker.body(source).run(sliceNanoseconds: Self.slice)
        #expect(run.outcome == .done(expected))
        #expect(run.preemptions > 0)
        #expect(run.usage.hostCalls == 0)
    }

    @Test func hostCallsBetweenSlicesAreServedInOrder() throws {
        let source = """
            local out = {}
            for i = 1, 5 do
              local sum = 0
              for j = 1, 2000000 do sum = sum + j end
              out[i] = coroutine.wrap(function() return echo(i) end)()
            end
            return table.concat(out, ' ')
            """
        let run = try Worker.body(source).run(sliceNanoseconds: Self.slice)
        #expect(run.calls == (1...5).map { [.integer($0)] })
        #expect(run.value == .text((1...5).map(String.init).joined(separator: " ")))
        #expect(run.preemptions > 0)
    }

    /// A slice that ends while a host call is being made doesn't count against the step after it.
    @Test func aStepWithoutASliceIsNeverPreempted() throws {
        let source = """
            local big = {}
            for i = 1, 300000 do big[i] = i end
            echo(big)
            local sum = 0
            for i = 1, 1000 do sum = sum + i end
            return sum
            """
        let worker = try Worker.body(source)
        try worker.withIsolate { isolate in
            isolate.restore(budget: .request)
            var writer = MessageWriter()
            writer.beginArray(count: 0)
            var slice: UInt64 = 1
            for _ in 0..<1000 {
                let step = writer.bytes.withUnsafeBytes {
                    isolate.step(message: $0, unixMilliseconds: 0, sliceNanoseconds: slice)
                }
                switch step {
                case .call:
                    writer.beginReply(count: 0)
                    slice = 0
                case .preempted:
                    #expect(slice != 0, "a step without a slice was preempted")
                    writer.removeAll()
                case .done(var reader):
                    let results = try reader.readValue()
                    #expect(results == .array([500500]))
                    return
                case .failed, .killed:
                    Issue.record("it ended otherwise")
                    return
                }
            }
            Issue.record("it did not end")
        }
    }

    @Test func cpuTimeAddsUpOverTheSlices() throws {
        let source = "local sum = 0 for i = 1, 10000000 do sum = sum + i end return sum"
        let worker = try Worker.body(source)
        let (run, threadNanoseconds) = try worker.withIsolate { isolate in
            let before = Self.threadNanoseconds()
            let run = Run(isolate, arguments: [], budget: .request, sliceNanoseconds: Self.slice)
            return (run, Self.threadNanoseconds() - before)
        }
        #expect(run.outcome == .done([50_000_005_000_000]))
        #expect(run.cpuNanoseconds.count == run.preemptions + 1)
        for (earlier, later) in zip(run.cpuNanoseconds, run.cpuNanoseconds.dropFirst()) {
            #expect(earlier < later)
        }
        let used = Double(run.usage.cpuNanoseconds)
        #expect(used > Double(threadNanoseconds) * 0.6)
        #expect(used < Double(threadNanoseconds) * 1.7)
    }

    /// What yields often is charged too: many short steps end at the limit.
    @Test func shortStepsAreCharged() throws {
        let source = "while true do for i = 1, 20000 do local x = i * i end echo() end"
        var budget = Budget.cpu(milliseconds: 20)
        budget.hostCalls = 1_000_000
        let run = try Worker.body(source).run(budget: budget)
        #expect(run.outcome == .killed(.cpu))
        #expect(run.calls.count > 10)
    }

    @Test func aStepGoesOnOnAnotherThread() throws {
        let source = """
            local sum = 0
            local w = coroutine.wrap(function()
              for i = 1, 3000000 do
                sum = sum + i
                if i % 1000000 == 0 then echo(i) end
              end
              return sum
            end)
            return w()
            """
        let worker = try Worker.body(source)
        var pool = SlotPool(maximumSlots: 1)
        let isolate = try pool.require(worker.image)
        isolate.restore(budget: .request)
        let held = Migrating(Held(isolate))
        var message = MessageWriter()
        message.beginArray(count: 0)
        var bytes = message.bytes
        var steps = 0
        var result: Value?
        while result == nil, steps < 10000 {
            steps += 1
            let before = bytes
            let answer = onThreads(1) { _ in held.step(before) }[0]
            switch answer {
            case .reply(let reply): bytes = reply
            case .ended(let value): result = value
            }
        }
        pool.giveBack(held.isolate.take(), of: worker.image, now: 0)
        #expect(result == .array([4_500_001_500_000]))
        #expect(steps > 3)
    }

    private static func threadNanoseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}

/// An isolate that several threads step, one after the other.
// Unchecked: the test joins each thread before it starts the next, so only one uses the isolate at a time.
private final class Migrating: @unchecked Sendable {
    let isolate: Held

    enum Answer: Sendable {
        case reply([UInt8])
        case ended(Value)
    }

    init(_ isolate: Held) {
        self.isolate = isolate
    }

    func step(_ message: [UInt8]) -> Answer {
        self.isolate.with { isolate in
            let step = message.withUnsafeBytes {
                isolate.step(message: $0, unixMilliseconds: 0, sliceNanoseconds: PreemptionTests.slice)
            }
            switch step {
            case .call(let operation, var arguments):
                var reply = MessageWriter()
                guard case .array(let values)? = try? arguments.readValue() else { return .ended(.nil) }
                Run.serve(operation, values, &reply)
                return .reply(reply.bytes)
            case .preempted: return .reply([])
            case .done(var results): return .ended((try? results.readValue()) ?? .nil)
            case .failed(let failure): return .ended(.text(failure.message))
            case .killed(let reason): return .ended(.text("\(reason)"))
            }
        }
    }
}
