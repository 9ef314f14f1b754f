import EdgeIsolate
import Testing

@Suite struct LogTests {
    @Test func recordsComeInOrder() throws {
        let source = """
            log.debug('d') log.info('i', { a = 1 }) log.warn({ 1 } and 'w', {}) log.error(42, nil)
            print('p', nil, true, 1.5) print()
            """
        let run = try Worker.body(source).run()
        #expect(run.outcome == .done([]))
        #expect(
            run.log == [
                .array([0, "d", .nil]), .array([1, "i", .table([.init(key: "a", value: 1)])]),
                .array([2, "w", .array([])]), .array([3, "42", .nil]), .array([1, "p\tnil\ttrue\t1.5", .nil]),
                .array([1, "", .nil]),
            ]
        )
    }

    @Test func recordsOverTheLimitAreCountedAndDropped() throws {
        let source = """
            for i = 1, 10 do log.info('fields', { text = ('x'):rep(1000) }) end
            for i = 1, 1000 do log.info('line ' .. i) end
            for i = 1, 10 do print(('x'):rep(1000)) end
            return 'done'
            """
        var budget = Budget.request
        budget.logBytes = 1000
        let run = try Worker.body(source).run(budget: budget)
        #expect(run.outcome == .done(["done"]))
        let count = try #require(run.log).count
        #expect(count > 10)
        #expect(count + run.usage.droppedLogRecords == 1020)
        #expect(run.log?.first == .array([1, "line 1", .nil]))
    }

    @Test func fieldsThatCanNotBePassedAreAnError() throws {
        let worker = try Worker("return function() log.info('x', { f = print }) end", name: "=worker")
        let run = try worker.run()
        #expect(run.outcome == .failed("worker:1: bad argument #2 to 'info' (a function can't be passed)"))
        #expect(run.log == [])
    }

    /// A kill may come in the middle of a record: those before it are whole.
    @Test func isReadableAfterAKill() throws {
        let worker = try Worker.body(
            """
            local i = 0
            while true do
              i = i + 1
              log.info('line ' .. i, { number = i, text = ('y'):rep(i % 50) })
            end
            """
        )
        var budget = Budget.cpu(milliseconds: 2)
        budget.logBytes = 8 << 20
        try worker.withIsolate { isolate in
            for _ in 0..<60 {
                let run = Run(isolate, arguments: [], budget: budget)
                #expect(run.outcome == .killed(.cpu))
                let log = try #require(run.log)
                #expect(!log.isEmpty)
                for (index, record) in log.enumerated() {
                    guard case .array(let members) = record, members.count == 3 else {
                        Issue.record("\(record)")
                        return
                    }
                    #expect(members[1] == .text("line \(index + 1)"))
                }
            }
        }
    }

    @Test func isReadableAfterMemoryRanOut() throws {
        let worker = try Worker.body("for i = 1, 1e9 do log.info(('z'):rep(1000)) end")
        var budget = Budget.memory(4 << 20)
        budget.logBytes = 64 << 20
        let run = try worker.run(budget: budget)
        #expect(run.outcome == .killed(.memory))
        let log = try #require(run.log)
        #expect(log.count > 100)
        let expected = Value.array([1, .string([UInt8](repeating: UInt8(ascii: "z"), count: 1000)), .nil])
        #expect(log.allSatisfy { $0 == expected })
    }

    @Test func isEmptyAfterClearing() throws {
        let worker = try Worker.body("print('one') echo() print('two')")
        try worker.withIsolate { isolate in
            isolate.restore(budget: .request)
            var writer = MessageWriter()
            writer.beginArray(count: 0)
            for expected in ["one", "two"] {
                _ = writer.bytes.withUnsafeBytes {
                    isolate.step(message: $0, unixMilliseconds: 0, sliceNanoseconds: 0)
                }
                var log = isolate.log
                let record = try log.readValue()
                #expect(record == .array([1, .text(expected), .nil]))
                #expect(log.isAtEnd)
                isolate.clearLog()
                #expect(isolate.log.isAtEnd)
                writer.beginReply(count: 0)
            }
        }
    }

    @Test func theTopLevelLogsToItsBuilder() throws {
        let worker = try Worker("print('building') return function() print('running') end")
        #expect(try worker.run().log == [.array([1, "running", .nil])])
    }
}
