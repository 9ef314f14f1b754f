import Glibc
import NIOCore

/// What counts as one address: an IPv4 address, or the 64 bits of an IPv6 address that name a network, for whoever has
/// one IPv6 address can have 2^64.
struct PeerAddress: Hashable, Sendable {
    private let network: UInt64
    private let isIPv4: Bool

    /// Nil for a peer that has no IP address.
    init?(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            self.init(ipv4: address.address.sin_addr.s_addr)
        case .v6(let address):
            self = withUnsafeBytes(of: address.address.sin6_addr) { Self(ipv6: $0) }
        case .unixDomainSocket, nil:
            return nil
        }
    }

    private init(network: UInt64, isIPv4: Bool) {
        self.network = network
        self.isIPv4 = isIPv4
    }

    private init(ipv4 address: UInt32) {
        self.init(network: UInt64(address), isIPv4: true)
    }

    /// An IPv4 client of a socket that listens on IPv6 counts as what it is.
    private init(ipv6 address: UnsafeRawBufferPointer) {
        let high = address.loadUnaligned(as: UInt64.self)
        let middle = address.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
        if high == 0, middle == UInt32(bigEndian: 0x0000_ffff) {
            self.init(ipv4: address.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        } else {
            self.init(network: high, isIPv4: false)
        }
    }
}
