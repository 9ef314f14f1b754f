import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import EdgeServer

/// Times are real here, and only compared with each other.
@Suite(.serialized)
struct LoadGeneratorTests {
    private static let millisecond: UInt64 = 1_000_000

    private static func plan(_ change: (inout LoadPlan) -> Void = { _ in }) -> LoadPlan {
        var plan = LoadPlan()
        plan.connections = 4
        plan.warmUp = 0
        plan.duration = 200 * self.millisecond
        change(&plan)
        return plan
    }

    private static func run(
        _ plan: LoadPlan,
        stop: EventLoopFuture<Void>? = nil,
        _ script: @escaping @Sendable (Int) -> ScriptedServer.Action
    ) throws -> LoadResult {
        let server = try ScriptedServer(script)
        defer { try? server.stop() }
        let target = try LoadTarget(
            host: "127.0.0.1",
            port: server.port,
            path: "/",
            method: "GET",
            headers: [],
            body: []
        )
        return try LoadGenerator.run(
            plan,
            target: target,
            pid: getpid(),
            stop: stop,
            on: stop?.eventLoop ?? server.group.next()
        ).wait()
    }

    @Test(arguments: ArrivalSchedule.Arrivals.allCases)
    func anOpenLoopSendsWhatIsDue(_ arrivals: ArrivalSchedule.Arrivals) throws {
        let plan = Self.plan {
            $0.pace = .rate(1000, arrivals)
            $0.warmUp = 50 * Self.millisecond
        }
        var schedule = ArrivalSchedule(rate: 1000, arrivals: arrivals, seed: plan.seed)
        let due = schedule.skip(to: plan.window.upperBound, countingFrom: plan.window.lowerBound)
        let result = try Self.run(plan) { _ in .answer(ScriptedServer.ok) }
        // What was due, whether or not this machine was fast enough for it.
        #expect(result.recorder.answered + result.recorder.unsent == due)
        #expect(result.recorder.failed == 0 && result.recorder.reconnects == 0)
        #expect(result.recorder.answered > 0)
        #expect(Int(result.recorder.latency(.ok).totalCount) == result.recorder.answered)
    }

    @Test
    func aClosedLoopSendsWhenItIsAnswered() throws {
        let result = try Self.run(Self.plan { $0.connections = 1 }) { number in
            .answer(number % 2 == 0 ? ScriptedServer.ok : ScriptedServer.unavailable)
        }
        let ok = result.recorder.latency(.ok).totalCount
        let unavailable = result.recorder.latency(.unavailable).totalCount
        #expect(ok > 10 && ok - min(ok, unavailable) <= 1)
        #expect(result.recorder.unsent == 0)
        #expect(result.recorder.latency(.ok).maxRecorded == result.recorder.service(.ok).maxRecorded)
    }

    @Test
    func requestsThatWaitForAConnectionCountFromWhenTheyWereDue() throws {
        // One connection, of which the first answer takes as long as fifty arrivals: forty-nine wait for it.
        let plan = Self.plan {
            $0.connections = 1
            $0.pace = .rate(1000, .uniform)
        }
        let result = try Self.run(plan) { number in
            number == 0 ? .answerLate(ScriptedServer.ok, 50) : .answer(ScriptedServer.ok)
        }
        let latency = result.recorder.latency(.ok)
        let service = result.recorder.service(.ok)
        // A generator that waits for its answers sees one slow request; the tenth behind it waited 40 ms as well.
        let slow = { (from: UInt64) in from * Self.millisecond...3_600_000 * Self.millisecond }
        #expect(latency.count(within: slow(40)) >= 10)
        #expect(latency.mean > service.mean)
    }

    @Test
    func whatIsNotSentInTimeIsTold() throws {
        let plan = Self.plan {
            $0.connections = 1
            $0.pace = .rate(1000, .uniform)
        }
        let result = try Self.run(plan) { _ in .answerLate(ScriptedServer.ok, 60) }
        #expect(result.recorder.unsent > 100)
        #expect(result.recorder.oldestUnsent > UInt64(result.recorder.unsent - 1) * Self.millisecond)
        #expect(result.recorder.answered + result.recorder.unsent == 200)
    }

    @Test
    func aConnectionThatTheServerClosesIsOpenedAnew() throws {
        let text = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        let result = try Self.run(Self.plan()) { _ in .answerAndClose(text) }
        #expect(result.recorder.answered > 4 && result.recorder.failed == 0)
        #expect(result.recorder.reconnects > 0)
    }

    @Test
    func requestsThatFailAreCountedByHow() throws {
        let plan = Self.plan {
            $0.connections = 3
            $0.timeout = 10 * Self.millisecond
            $0.duration = 400 * Self.millisecond
        }
        let result = try Self.run(plan) { number in
            switch number % 4 {
            case 0: .close
            case 1: .ignore
            case 2: .answer("what?\r\n\r\n")
            default: .answer(ScriptedServer.ok)
            }
        }
        for failure in [LoadRecorder.Failure.closed, .timeout, .malformed] {
            #expect(result.recorder.failures(failure) > 0, "\(failure)")
        }
        #expect(result.recorder.failures(.connect) == 0)
    }

    @Test
    func nobodyThereIsAnError() throws {
        let server = try ScriptedServer { _ in .ignore }
        defer { try? server.stop() }
        try server.stopListening()
        let target = try LoadTarget(url: "http://127.0.0.1:\(server.port)", method: "GET", headers: [], body: [])
        let run = try LoadGenerator.run(Self.plan(), target: target, on: server.group.next())
        #expect {
            try run.wait()
        } throws: { error in
            "\(error)".hasPrefix("0 of 4 connections to ")
        }
    }

    @Test
    func itCanBeStopped() throws {
        let stop = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
        let plan = Self.plan { $0.duration = 3_600_000 * Self.millisecond }
        let result = try Self.run(plan, stop: stop.futureResult) { number in
            if number == 100 { stop.succeed() }
            return .answer(ScriptedServer.ok)
        }
        #expect(result.recorder.answered >= 100 && result.recorder.seconds < 3600)
        #expect(result.recorder.timeline.count == Int(result.recorder.seconds.rounded(.up)))
    }

    @Test
    func theServersProcessIsMeasured() throws {
        let result = try Self.run(Self.plan { $0.duration = 300 * Self.millisecond }) { _ in .answer(ScriptedServer.ok)
        }
        let server = try #require(result.usage?.server)
        #expect(server.pid == getpid() && server.cpuNanoseconds > 0)
        #expect(server.peakKiB >= server.startKiB && server.startKiB > 1000)
        #expect(ProcessUsage.read(0) == nil)
    }

    @Test
    func itCanBeStoppedBeforeItBegins() throws {
        // Of the load's own event loop: it is told at once.
        let stopped = MultiThreadedEventLoopGroup.singleton.next().makeSucceededVoidFuture()
        #expect(throws: LoadError("stopped before all connections were open")) {
            try Self.run(Self.plan(), stop: stopped) { _ in .answer(ScriptedServer.ok) }
        }
    }

    @Test
    func aSecondStopChangesNothing() throws {
        // The second comes while the last answer is awaited.
        let stop = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
        let plan = Self.plan {
            $0.connections = 1
            $0.duration = 20 * Self.millisecond
        }
        let result = try Self.run(plan, stop: stop.futureResult) { number in
            guard number == 0 else { return .answer(ScriptedServer.ok) }
            stop.futureResult.eventLoop.scheduleTask(in: .milliseconds(40)) { stop.succeed() }
            return .answerLate(ScriptedServer.ok, 80)
        }
        #expect(result.recorder.answered == 1 && result.recorder.seconds == 0.02)
    }
}
