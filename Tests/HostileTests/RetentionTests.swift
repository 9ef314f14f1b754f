import EdgeRuntime
import NIOCore
import NIOPosix
import Testing

@testable import EdgeServer

/// What ended must not be held by what it was waiting for.
@Suite("hostile scripts leave no invocation behind")
struct RetentionTests {
    /// A sink that says when it goes away: an invocation holds its sink.
    private final class Sink: ResponseSink {
        private let gone: EventLoopPromise<Void>

        init(gone: EventLoopPromise<Void>) {
            self.gone = gone
        }

        deinit {
            self.gone.succeed()
        }

        func respond(_ head: HTTPResponseHead, body: UnsafeRawBufferPointer) {}
        func begin(_ head: HTTPResponseHead) {}
        func write(_ chunk: UnsafeRawBufferPointer, written: @escaping (Bool) -> Void) { written(true) }
        func finish() {}
        func abort() {}
    }

    @Test("a request that sleeps for years is forgotten when its wall time is over")
    func sleepIsForgotten() async throws {
        let server = try HostileServer.shared.get()
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let gone = eventLoop.makePromise(of: Void.self)
        try await server.dispatch("/host_sleep_largest", on: eventLoop) { Sink(gone: gone) }.get()
        let tooLate = eventLoop.scheduleTask(in: .seconds(30)) {
            gone.fail(HostileError("the invocation is still held"))
        }
        try await gone.futureResult.get()
        tooLate.cancel()
    }
}
