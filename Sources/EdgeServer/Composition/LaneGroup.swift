import EdgeRuntime
import NIOCore
import NIOPosix
import Synchronization

/// The dispatchers of all event loops, for what concerns all of them: a new deployment, the end.
final class LaneGroup: Sendable {
    private let lanes = Mutex<[NIOLoopBound<Dispatcher>]>([])
    private let deployment: Mutex<Deployment>
    private let services: RuntimeServices
    private let background: LazyThreadPool

    init(deployment: Deployment, services: RuntimeServices, background: LazyThreadPool) {
        self.deployment = Mutex(deployment)
        self.services = services
        self.background = background
    }

    /// Makes the application of one event loop; called on that loop.
    func makeApplication(on eventLoop: any EventLoop) -> WorkerApplication {
        let lane = EventLoopLane(eventLoop: eventLoop, background: self.background)
        let dispatcher = Dispatcher(
            gateway: WorkerGateway(lane: lane, services: self.services),
            deployment: self.current
        )
        let bound = NIOLoopBound(dispatcher, eventLoop: eventLoop)
        self.lanes.withLock { $0.append(bound) }
        return WorkerApplication(dispatcher: dispatcher, eventLoop: eventLoop)
    }

    var current: Deployment {
        self.deployment.withLock { $0 }
    }

    /// Swaps the deployment of every loop; returns when all have it.
    func publish(_ deployment: Deployment) throws {
        self.deployment.withLock { $0 = deployment }
        let lanes = self.lanes.withLock { $0 }
        for lane in lanes {
            try lane.eventLoop.submit { lane.value.publish(deployment) }.wait()
        }
    }

    /// Invocations that have not ended, over all loops.
    func activeInvocations() throws -> Int {
        let lanes = self.lanes.withLock { $0 }
        return try lanes.map { lane in
            try lane.eventLoop.submit { lane.value.gateway.activeCount }.wait()
        }.reduce(0, +)
    }
}
