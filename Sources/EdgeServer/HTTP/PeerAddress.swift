import Glibc
import NIOCore

/// What counts as one address: an IPv4 address, or the 64 bits of an IPv6 address that name a network, for whoever has
/// one IPv6 address can have 2^64.
struct PeerAddress: Equatable, Sendable {
    /// Tells addresses apart. A plain number is what accounts are found by: a table with keys of a type of its own costs each start a
    /// search through all that the executable knows of types.
    let key: Int

    /// Where IPv4 addresses have their keys: a network of multicast, which no client comes from.
    private static let ipv4: UInt64 = 0xff << 56

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

    private init(network: UInt64) {
        self.key = Int(bitPattern: UInt(network))
    }

    private init(ipv4 address: UInt32) {
        self.init(network: Self.ipv4 | UInt64(address))
    }

    /// An IPv4 client of a socket that listens on IPv6 counts as what it is.
    private init(ipv6 address: UnsafeRawBufferPointer) {
        let high = UInt64(bigEndian: address.loadUnaligned(as: UInt64.self))
        let middle = address.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
        if high == 0, middle == UInt32(bigEndian: 0x0000_ffff) {
            self.init(ipv4: address.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        } else {
            self.init(network: high)
        }
    }
}
