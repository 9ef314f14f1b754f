import NIOCore
import NIOPosix

@testable import EdgeServer

/// A listener with TLS on a free port. Sweeps happen when the test says so.
final class TLSServer {
    let folder: ScratchFolder
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let credentials: TLSCredentials
    let listener: HTTPListener
    let events = EventLog()

    init(_ configure: (inout HTTPServerConfiguration) -> Void = { _ in }) throws {
        let folder = try ScratchFolder()
        self.folder = folder
        try Certificates.make(in: folder.path, name: "a", commonName: "first")
        folder.link("live.pem", to: "a.pem")
        folder.link("live.key", to: "a.key")
        self.credentials = try TLSCredentials(
            TLSFiles(certificate: folder.path + "/live.pem", key: folder.path + "/live.key")
        )
        var configuration = HTTPServerConfiguration()
        configuration.timeouts.sweepInterval = nil
        configure(&configuration)
        let events = self.events
        self.listener = try HTTPListener.bind(
            to: HTTPEndpoint(host: "127.0.0.1", port: 0),
            group: self.group,
            configuration: configuration,
            tls: self.credentials
        ) { _, _ in PathApplication(events: events) }.wait()
    }

    var port: Int { self.listener.endpoint.port }

    func client(_ protocols: String...) throws -> TLSClient {
        try TLSClient(port: self.port, group: self.group, protocols: protocols)
    }

    func stop() throws {
        try self.listener.shutdown(grace: .zero).wait()
        try self.group.syncShutdownGracefully()
    }
}
