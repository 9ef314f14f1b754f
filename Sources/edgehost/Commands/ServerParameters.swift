import EdgeServer

/// What commands that know of workers or of a server have in common.
enum ServerParameters {
    static let workers = Parameter.option("workers", "The folder of workers. (default: ./workers)")
    static let config = Parameter.option("config", "A configuration file. (default: ./edgehost.lua, if there is one)")
    static let data = Parameter.option("data", "The folder of the store. (default: ./.edgehost)")
    static let listen = Parameter.option(
        "listen",
        "HOST:PORT to listen on; port 0 picks one. (default: 127.0.0.1:8080)"
    )
    static let parent = Parameter.flag(
        "parent",
        "Look after the server from a small process of its own. (default: --parent)",
        hasOpposite: true
    )
    static let sandbox = Parameter.flag(
        "sandbox",
        "Confine the server; --sandbox: or do not start. (default: as far as the kernel can)",
        hasOpposite: true
    )
    static let tlsCertificate = Parameter.option("tls-cert", "A PEM file with a certificate chain: speak TLS.")
    static let tlsKey = Parameter.option("tls-key", "A PEM file with the certificate's private key.")

    /// Of all commands.
    static let common = [Self.workers, Self.config]
    /// Of those that open a store.
    static let store = Self.common + [Self.data]
    /// Of those that start a server.
    static let server = Self.store + [Self.listen, Self.parent, Self.sandbox, Self.tlsCertificate, Self.tlsKey]
}

extension ServerOptions {
    init(_ arguments: Arguments, isDevelopment: Bool = false) {
        self.init()
        self.isDevelopment = isDevelopment
        self.workers = arguments.text(ServerParameters.workers)
        self.config = arguments.text(ServerParameters.config)
        self.data = arguments.text(ServerParameters.data)
        self.listen = arguments.text(ServerParameters.listen)
        self.hasParent = arguments.flag(ServerParameters.parent) ?? true
        self.sandbox = arguments.flag(ServerParameters.sandbox)
        self.tlsCertificate = arguments.text(ServerParameters.tlsCertificate)
        self.tlsKey = arguments.text(ServerParameters.tlsKey)
    }
}
