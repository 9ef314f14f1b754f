import EdgeRuntime
import Glibc

/// What the command line says about a server; what it leaves out comes from `edgehost.lua`, then from the defaults.
public struct ServerOptions: Sendable {
    public var workers: String?
    public var data: String?
    public var listen: String?
    public var config: String?
    /// A certificate chain and its key, as PEM files; with them the server speaks TLS.
    public var tlsCertificate: String?
    public var tlsKey: String?
    public var isDevelopment = false
    /// nil: what the configuration says, else as far as the kernel lets it.
    public var sandbox: Bool?
    /// Whether a small parent process looks after the one that serves.
    public var hasParent = true

    public init() {}

    public static let defaultWorkers = "./workers"
    public static let defaultData = "./.edgehost"
    public static let defaultListen = "127.0.0.1:8080"
    static let defaultConfig = "./edgehost.lua"

    /// The configuration file merged with the options.
    func resolve() throws -> ResolvedOptions {
        let file = try self.readConfiguration()
        return ResolvedOptions(
            workers: self.workers ?? file.workers ?? Self.defaultWorkers,
            data: self.data ?? file.data ?? Self.defaultData,
            endpoint: try HTTPEndpoint(parsing: self.listen ?? file.listen ?? Self.defaultListen),
            tls: try self.tlsFiles(file),
            isDevelopment: self.isDevelopment,
            sandbox: SandboxMode(option: self.sandbox, field: file.sandbox),
            host: file
        )
    }

    private func tlsFiles(_ file: HostConfiguration) throws(TLSFilesError) -> TLSFiles? {
        let certificate = self.tlsCertificate ?? file.tls.certificate
        let key = self.tlsKey ?? file.tls.key
        if certificate == nil, key == nil { return nil }
        guard let certificate, let key else { throw .incomplete }
        return TLSFiles(certificate: certificate, key: key)
    }

    /// A file that was named must exist; the default one may be missing.
    private func readConfiguration() throws -> HostConfiguration {
        let path = self.config ?? Self.defaultConfig
        guard access(path, F_OK) == 0 || self.config != nil else { return HostConfiguration() }
        guard let bytes = readWholeFile(path, limit: 1 << 20) else {
            throw ConfigurationError(description: "\(path): can't be read: \(String(cString: strerror(errno)))")
        }
        return try HostConfiguration(source: bytes, file: path)
    }
}

struct ResolvedOptions: Sendable {
    var workers: String
    var data: String
    var endpoint: HTTPEndpoint
    var tls: TLSFiles?
    var isDevelopment: Bool
    var sandbox: SandboxMode
    var host: HostConfiguration

    /// The folder of persisted images.
    var images: String { "\(self.data)/images" }
}

/// The bytes of a file, nil (and errno) where it can't be read or is larger than `limit`.
func readWholeFile(_ path: String, limit: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    // Of a few pages: most files are small, and each page of a larger buffer would be a fault.
    var buffer = [UInt8](repeating: 0, count: 8 << 10)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { return nil }
        if count == 0 { return bytes }
        bytes.append(contentsOf: buffer[..<count])
        guard bytes.count <= limit else {
            errno = EFBIG
            return nil
        }
    }
}
