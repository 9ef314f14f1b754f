import Glibc
import NIOCore

/// A socket that listens and accepts nothing yet: who connects waits in the kernel's queue until a listener has it.
struct ListeningSocket {
    let descriptor: Int32
    /// Whether another process opened it, maybe for another host than the one that is configured by now.
    let isInherited: Bool

    static func inherited(_ descriptor: Int32) -> ListeningSocket {
        ListeningSocket(descriptor: descriptor, isInherited: true)
    }

    static func open(_ endpoint: HTTPEndpoint, backlog: Int32) throws(HTTPListenerError) -> ListeningSocket {
        let address = try self.resolve(endpoint)
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw self.failure(endpoint) }
        var isOn: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, size) == 0,
            address.withSockAddr({ Glibc.bind(descriptor, $0, socklen_t($1)) }) == 0, listen(descriptor, backlog) == 0
        else {
            let failure = self.failure(endpoint)
            close(descriptor)
            throw failure
        }
        return ListeningSocket(descriptor: descriptor, isInherited: false)
    }

    /// Of the last system call.
    private static func failure(_ endpoint: HTTPEndpoint) -> HTTPListenerError {
        .bindFailed(endpoint.description, reason: String(cString: strerror(errno)))
    }

    private static func resolve(_ endpoint: HTTPEndpoint) throws(HTTPListenerError) -> SocketAddress {
        // The resolver would ask the kernel for all its addresses first.
        if let address = endpoint.numericAddress { return address }
        do {
            return try SocketAddress.makeAddressResolvingHost(endpoint.host, port: endpoint.port)
        } catch {
            throw .bindFailed(endpoint.description, reason: "\(error)")
        }
    }
}

extension HTTPEndpoint {
    /// nil where the host is a name.
    var numericAddress: SocketAddress? {
        try? SocketAddress(ipAddress: self.host, port: self.port)
    }
}

extension SocketAddress {
    fileprivate var family: Int32 {
        switch self {
        case .v4: AF_INET
        case .v6: AF_INET6
        case .unixDomainSocket: AF_UNIX
        }
    }
}
