import EdgeRuntime
import NIOCore
import NIOPosix

/// Delivers one event on an event loop of its own and waits for the whole response.
struct LocalCall {
    let services: RuntimeServices

    struct Response: Sendable {
        var status: Int
        /// Head and body as text.
        var bytes: [UInt8]
    }

    func deliver(_ event: Event, to worker: Worker) throws -> Response {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let background = LazyThreadPool(numberOfThreads: 1)
        let eventLoop = group.next()
        let services = self.services
        let response = eventLoop.flatSubmit {
            let lane = EventLoopLane(eventLoop: eventLoop, background: background)
            let gateway = WorkerGateway(lane: lane, services: services)
            let sink = CollectingSink(promise: eventLoop.makePromise(of: Response.self), gateway: gateway)
            gateway.deliver(event, to: worker, sink: sink)
            return sink.promise.futureResult
        }
        let result = try response.wait()
        try background.close()
        try group.syncShutdownGracefully()
        return result
    }
}

/// Collects a response, streamed or whole; done when the worker's tasks after it are, too.
private final class CollectingSink: ResponseSink {
    let promise: EventLoopPromise<LocalCall.Response>
    private let gateway: WorkerGateway
    private var status = 0
    private var bytes: [UInt8] = []

    init(promise: EventLoopPromise<LocalCall.Response>, gateway: WorkerGateway) {
        self.promise = promise
        self.gateway = gateway
    }

    func respond(_ head: HTTPResponseHead, body: UnsafeRawBufferPointer) {
        self.begin(head)
        self.bytes.append(contentsOf: body)
        self.finish()
    }

    func begin(_ head: HTTPResponseHead) {
        self.status = head.status
        self.bytes += Array("HTTP/1.1 \(head.status) \(ReasonPhrase.of(head.status))\r\n".utf8)
        for field in head.fields.fields {
            self.bytes += head.fields.bytes[field.name.range] + Array(": ".utf8)
            self.bytes += head.fields.bytes[field.value.range] + Array("\r\n".utf8)
        }
        self.bytes += Array("\r\n".utf8)
    }

    func write(_ chunk: UnsafeRawBufferPointer, written: @escaping (Bool) -> Void) {
        self.bytes.append(contentsOf: chunk)
        written(true)
    }

    func finish() {
        self.succeedWhenIdle()
    }

    func abort() {
        self.bytes += Array("\n(the response broke off)\n".utf8)
        self.succeedWhenIdle()
    }

    /// Looks again until the invocation has ended: its log lines and its tasks belong to the command.
    private func succeedWhenIdle() {
        let sink = NIOLoopBound(self, eventLoop: self.promise.futureResult.eventLoop)
        self.promise.futureResult.eventLoop.scheduleTask(in: .milliseconds(1)) {
            if sink.value.gateway.activeCount == 0 {
                sink.value.promise.succeed(LocalCall.Response(status: sink.value.status, bytes: sink.value.bytes))
            } else {
                sink.value.succeedWhenIdle()
            }
        }
    }
}
