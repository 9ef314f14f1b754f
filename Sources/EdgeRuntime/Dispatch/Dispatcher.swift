/// Finds the worker of a request and hands the request to the lane's gateway. Lives on its lane.
public final class Dispatcher {
    public let gateway: WorkerGateway
    public private(set) var deployment: Deployment

    public init(gateway: WorkerGateway, deployment: Deployment) {
        self.gateway = gateway
        self.deployment = deployment
    }

    /// Requests from now on go to this deployment; those in flight end on theirs.
    public func publish(_ deployment: Deployment) {
        let kept = Set(deployment.workers.map { ObjectIdentifier($0.image) })
        self.gateway.forget(self.deployment.workers.filter { !kept.contains(ObjectIdentifier($0.image)) })
        self.deployment = deployment
    }

    /// The body of a request that no worker takes is read up to this size, so that its connection can live on.
    static let unroutedBodyBytes = 64 << 10

    public func dispatch(_ request: HTTPRequest, sink: any ResponseSink) {
        self.dispatch(request, isBodyTooLarge: false, sink: sink)
    }

    /// The most bytes of a body that this request may have. Looks at its head only.
    public func bodyLimit(for request: HTTPRequest) -> Int {
        guard case .found(let hit) = self.deployment.match(request),
            case .worker(let worker) = self.deployment.target(hit.worker)
        else { return Self.unroutedBodyBytes }
        return worker.manifest.limits.requestBodyBytes
    }

    /// Answers a request whose body is larger than ``bodyLimit(for:)`` says, or would have been.
    public func refuseBody(of request: HTTPRequest, sink: any ResponseSink) {
        self.dispatch(request, isBodyTooLarge: true, sink: sink)
    }

    private func dispatch(_ request: HTTPRequest, isBodyTooLarge: Bool, sink: any ResponseSink) {
        switch self.deployment.match(request) {
        case .found(let hit):
            switch self.deployment.target(hit.worker) {
            case .worker(let worker)
            where isBodyTooLarge || request.body.count > worker.manifest.limits.requestBodyBytes:
                self.gateway.refuse(.requestTooLarge, worker: worker.name, sink: sink)
            case .worker(let worker):
                self.gateway.deliver(.fetch(request, parameters: hit.parameters), to: worker, sink: sink)
            case .failed(let name):
                self.gateway.refuse(.loadFailed, worker: name, sink: sink)
            }
        case .notFound:
            self.gateway.refuse(.notFound, worker: nil, sink: sink)
        case .methodNotAllowed(let allow):
            self.gateway.refuse(.methodNotAllowed, worker: nil, allow: allow, sink: sink)
        }
    }
}
