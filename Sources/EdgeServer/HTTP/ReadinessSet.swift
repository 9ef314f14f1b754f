import CProcess
import Glibc
import NIOCore

/// Channels that are asked now and then which of them have input; nobody is woken when some arrives.
protocol ReadinessSet: AnyObject {
    /// Puts a channel in, under a token of the caller's; false where that can't be.
    func add(_ context: ChannelHandlerContext, token: UInt32) -> Bool
    func remove(_ context: ChannelHandlerContext)
    /// Replaces `tokens` by those of some channels that have input.
    func take(into tokens: inout [UInt32])
}

/// The kernel's, beside the one an event loop waits for. Lives on its event loop.
final class EpollReadiness: ReadinessSet {
    /// The most that are taken at once: between two helpings the event loop does its other work.
    private static let mostAtOnce = 64

    /// Made when it is first needed; nil until then, and where the process is out of descriptors.
    private var set: Int32?

    deinit {
        if let set = self.set { close(set) }
    }

    func add(_ context: ChannelHandlerContext, token: UInt32) -> Bool {
        guard let descriptor = DirectSocket.descriptor(of: context), let set = self.opened() else { return false }
        return edge_readiness_add(set, descriptor, token) != 0
    }

    private func opened() -> Int32? {
        if self.set == nil {
            let made = edge_readiness_make()
            if made >= 0 { self.set = made }
        }
        return self.set
    }

    func remove(_ context: ChannelHandlerContext) {
        // A channel that is closed has left by itself.
        guard let set = self.set, let descriptor = DirectSocket.descriptor(of: context) else { return }
        edge_readiness_remove(set, descriptor)
    }

    func take(into tokens: inout [UInt32]) {
        tokens.removeAll(keepingCapacity: true)
        guard let set = self.set else { return }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.mostAtOnce) { taken in
            let count = Int(edge_readiness_take(set, taken.baseAddress, Int32(taken.count)))
            tokens.append(contentsOf: taken[..<count])
        }
    }
}
