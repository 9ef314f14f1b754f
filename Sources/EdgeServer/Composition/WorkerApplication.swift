import EdgeRuntime
import NIOCore

/// The workers of one event loop, as the HTTP front sees them.
final class WorkerApplication: HTTPApplication {
    let dispatcher: Dispatcher
    /// Isolates that rest longer than this give their memory back.
    private static let idleSeconds = 10

    init(dispatcher: Dispatcher, eventLoop: any EventLoop) {
        self.dispatcher = dispatcher
        let gateway = NIOLoopBound(dispatcher.gateway, eventLoop: eventLoop)
        let interval = TimeAmount.seconds(Int64(Self.idleSeconds) / 2)
        eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            gateway.value.sweep(idleSeconds: Self.idleSeconds)
        }
    }

    /// A request whose client goes away runs on to its end within its limits: what it has begun to write is completed.
    func respond(to request: HTTPRequest, sink: any ResponseSink) -> (any HTTPExchange)? {
        self.dispatcher.dispatch(request, sink: sink)
        return nil
    }

    func bodyLimit(for request: HTTPRequest) -> Int {
        self.dispatcher.bodyLimit(for: request)
    }

    func refuseBody(of request: HTTPRequest, sink: any ResponseSink) {
        self.dispatcher.refuseBody(of: request, sink: sink)
    }
}
