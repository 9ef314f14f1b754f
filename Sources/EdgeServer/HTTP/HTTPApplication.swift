import EdgeRuntime
import NIOCore

/// Answers the requests that arrive on one event loop.
///
/// There is one application object for each event loop; it is called on that loop only and so needs no locks.
public protocol HTTPApplication: AnyObject {
    /// Begins the answer to a request whose body has arrived whole.
    ///
    /// The answer goes to `sink`, inside this call or later on the same event loop; every request must be answered (or
    /// aborted) in the end. `request` may be copied; a connection reuses its memory when nobody has kept a copy.
    ///
    /// - Returns: what is to be told when the client goes away before the answer is complete; nil when nothing is.
    func respond(to request: HTTPRequest, sink: any ResponseSink) -> (any HTTPExchange)?

    /// The most bytes of a body that this request may have. Asked once the head is whole, only where a body follows,
    /// which is not there yet. Whatever the answer, the listener's own limit holds as well.
    func bodyLimit(for request: HTTPRequest) -> Int

    /// Answers, inside this call, a request whose body is larger than its limit; the body is not there. The connection
    /// closes after the answer.
    func refuseBody(of request: HTTPRequest, sink: any ResponseSink)
}

/// An application that limits nothing by itself.
extension HTTPApplication {
    public func bodyLimit(for request: HTTPRequest) -> Int {
        Int.max
    }

    public func refuseBody(of request: HTTPRequest, sink: any ResponseSink) {
        let problem = ProblemResponse(HTTPRequestError(.bodyTooLarge))
        problem.body.withUnsafeBytes { sink.respond(problem.head, body: $0) }
    }
}

/// A request that is being answered, as the connection sees it.
public protocol HTTPExchange: AnyObject {
    /// The client is gone: nobody will read the answer. Called at most once, on the event loop, never inside a call
    /// of the sink. Sink calls after it are ignored.
    func cancel()
}

/// Makes the application object of one event loop; called on that loop with the loop's lane index (0, 1, ...).
public typealias HTTPApplicationFactory = @Sendable (any EventLoop, Int) -> any HTTPApplication
