import EdgeRuntime
import NIOCore
import Testing

@testable import EdgeServer

@Suite("Drain")
struct DrainTests {
    private typealias Harness = ConnectionHarness

    @Test func stopEndsIdleAtOnceAndBusyAfterTheirAnswer() throws {
        let idle = try Harness()
        let drained = idle.lane.drain(.stop)
        #expect(!idle.isOpen)
        idle.loop.run()
        try drained.wait()

        let busy = try Harness()
        try busy.send(Harness.get())
        _ = busy.lane.drain(.stop)
        #expect(busy.isOpen)
        busy.application.calls[0].respond("last")
        #expect(try busy.output() == Harness.ok("last", connection: "close"))
        #expect(!busy.isOpen)
    }

    @Test func handoverAnswersTheNextRequestOfAnIdleConnectionAndThenCloses() throws {
        let harness = try Harness()
        harness.application.onCall = { $0.respond("hi") }
        try harness.send(Harness.get())
        _ = try harness.output()
        let drained = harness.lane.drain(.handover)
        harness.sweep(after: 4)
        #expect(harness.isOpen)
        try harness.send(Harness.get())
        #expect(try harness.output() == Harness.ok("hi", connection: "close"))
        #expect(!harness.isOpen)
        harness.loop.run()
        try drained.wait()
    }

    @Test func handoverClosesAConnectionThatStaysIdle() throws {
        let harness = try Harness()
        _ = harness.lane.drain(.handover)
        harness.sweep(after: 5)
        #expect(!harness.isOpen)
    }

    @Test func handoverServesAConnectionThatWasAcceptedBefore() throws {
        let harness = try Harness()
        let drained = harness.lane.drain(.handover)
        let late = try harness.join()
        harness.application.onCall = { $0.respond("hi") }
        try late.writeInbound(ByteBuffer(string: Harness.get()))
        let answer = try #require(try late.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: answer).hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(!late.isActive)
        harness.sweep(after: 5)
        harness.loop.run()
        try drained.wait()
    }

    /// A stream's head went out before the handover and promised a connection that lives on.
    @Test func handoverKeepsThePromiseOfAStreamThatHasBegun() throws {
        let harness = try Harness()
        try harness.send(Harness.get("/1"))
        let call = harness.application.calls[0]
        call.sink.begin(HTTPResponseHead(status: 200))
        _ = harness.lane.drain(.handover)
        call.sink.finish()
        #expect(harness.isOpen)
        _ = try harness.output()
        harness.application.onCall = { $0.respond("hi") }
        try harness.send(Harness.get("/2"))
        #expect(try harness.output() == Harness.ok("hi", connection: "close"))
        #expect(!harness.isOpen)
    }

    @Test func stopAfterHandoverEndsWhatIsIdle() throws {
        let harness = try Harness()
        let drained = harness.lane.drain(.handover)
        #expect(harness.isOpen)
        _ = harness.lane.drain(.stop)
        #expect(!harness.isOpen)
        harness.loop.run()
        try drained.wait()
    }

    /// Clients that send their next request promptly lose nothing while the listening socket goes to another listener.
    @Test func noRequestFailsInAHandover() throws {
        let old = try SocketServer()
        let clients = try (0..<20).map { _ in try old.client() }
        for client in clients {
            try client.send(ConnectionHarness.get("/first"))
            #expect(try client.readResponse().body == "hello /first")
        }
        // Accepted or still in the backlog: either way the old listener has taken it over before it closes.
        let fresh = try (0..<20).map { _ in try old.client() }
        for client in fresh { try client.send(ConnectionHarness.get("/fresh")) }
        for client in fresh { #expect(try client.readResponse().body == "hello /fresh") }
        let gone = old.listener.shutdown(grace: .seconds(60), mode: .handover)
        for client in clients + fresh {
            try client.send(ConnectionHarness.get("/next"))
            let response = try client.readResponse()
            #expect(response.body == "hello /next")
            if !response.head.contains("connection: close\r\n") {
                // The drain had not reached its event loop yet.
                try client.send(ConnectionHarness.get("/last"))
                #expect(try client.readResponse().body == "hello /last")
            }
            client.close()
        }
        try gone.wait()
        try old.group.syncShutdownGracefully()
    }
}
