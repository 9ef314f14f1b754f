import Glibc

extension SandboxProbe {
    func checkNetwork() {
        let stream = Int32(SOCK_STREAM.rawValue)
        self.deny("bind a TCP port of its own") { Self.bind(port: self.foreignPort) }
        self.deny("make a Unix socket") { Self.opened(socket(AF_UNIX, stream, 0)) }
        self.deny("make a packet socket") { Self.opened(socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0)) }
        self.deny("make a raw socket") { Self.opened(socket(AF_INET, Int32(SOCK_RAW.rawValue), Int32(IPPROTO_ICMP))) }
        self.deny("make a multipath TCP socket") { Self.opened(socket(AF_INET, stream, Self.multipathProtocol)) }
        self.deny("make a kernel crypto socket") { Self.opened(socket(AF_ALG, Int32(SOCK_SEQPACKET.rawValue), 0)) }
        self.deny("make a VM socket") { Self.opened(socket(AF_VSOCK, stream, 0)) }
        self.deny("make an audit socket") {
            Self.opened(socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), Self.auditProtocol))
        }
        self.allow("ask the kernel for its addresses") {
            Self.opened(socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 0))
        }
        self.allow("make a UDP socket") { Self.opened(socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)) }
        self.allow("connect by TCP, and accept") { self.connectAndAccept() }
        self.allow("bind the port of the server") {
            let code = Self.bind(port: UInt16(clamping: self.options.endpoint.port))
            // A server may be running.
            return code == EADDRINUSE ? 0 : code
        }
    }

    private static let auditProtocol: Int32 = 9
    private static let multipathProtocol: Int32 = 262

    /// A port that is not the server's: nor is it taken by chance, as the rule comes before that is looked at.
    private var foreignPort: UInt16 {
        self.options.endpoint.port == 1 ? 2 : 1
    }

    private func connectAndAccept() -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard client >= 0 else { return errno }
        defer { close(client) }
        let code = Self.withAddress(port: self.listener.port) { Self.code(connect(client, $0, $1)) }
        guard code == 0 else { return code }
        return Self.opened(accept(self.listener.descriptor, nil, nil))
    }

    private static func bind(port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        return self.withAddress(port: port) { self.code(Glibc.bind(descriptor, $0, $1)) }
    }

    private static func withAddress(
        port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// A socket that listens on a port the system picked; for ``SandboxProbe/init(_:in:listener:report:)``, before the sandbox.
    static func listen() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let code = self.withAddress(port: 0) { self.code(Glibc.bind(descriptor, $0, $1)) }
        guard descriptor >= 0, code == 0, Glibc.listen(descriptor, 1) == 0 else {
            throw CommandError("can't listen on 127.0.0.1: \(String(cString: strerror(errno)))")
        }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
