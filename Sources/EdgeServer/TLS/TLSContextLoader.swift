import Glibc
import NIOCore
import NIOSSL

/// Makes a TLS context of a certificate file and a key file.
enum TLSContextLoader {
    private static let maximumBytes = 1 << 20
    /// Forward secrecy and authenticated encryption only; all are fit for HTTP/2. TLS 1.3 has a list of its own.
    private static let ciphers: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    struct Loaded {
        var context: NIOSSLContext
        /// When the server's certificate ends, in Unix seconds.
        var expiry: Int
    }

    /// Reads and checks both files. It blocks on the disk.
    static func load(_ files: TLSFiles) throws(TLSFilesError) -> Loaded {
        let chain = try Self.certificates(files.certificate)
        let key = try Self.key(files.key)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = Self.ciphers
        configuration.applicationProtocols = ["h2", "http/1.1"]
        configuration.shutdownTimeout = .seconds(1)
        do {
            return Loaded(
                context: try NIOSSLContext(configuration: configuration),
                expiry: chain.first.map { Int($0.notValidAfter) } ?? 0
            )
        } catch {
            throw .mismatch(files)
        }
    }

    private static func certificates(_ path: String) throws(TLSFilesError) -> [NIOSSLCertificate] {
        let bytes = try Self.read(path)
        guard Self.has("-----BEGIN CERTIFICATE-----", bytes) else { throw .noCertificate(path) }
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(bytes), !chain.isEmpty else {
            throw .malformedCertificate(path)
        }
        return chain
    }

    private static func key(_ path: String) throws(TLSFilesError) -> NIOSSLPrivateKey {
        let bytes = try Self.read(path)
        guard Self.has("PRIVATE KEY-----", bytes) else { throw .noKey(path) }
        // BoringSSL would only say that it can't read it.
        if Self.has("BEGIN ENCRYPTED PRIVATE KEY", bytes) || Self.has("Proc-Type: 4,ENCRYPTED", bytes) {
            throw .encryptedKey(path)
        }
        guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else { throw .malformedKey(path) }
        return key
    }

    private static func has(_ text: String, _ bytes: [UInt8]) -> Bool {
        let text = Array(text.utf8)
        return bytes.indices.contains { bytes[$0...].starts(with: text) }
    }

    private static func read(_ path: String) throws(TLSFilesError) -> [UInt8] {
        guard let bytes = readWholeFile(path, limit: Self.maximumBytes) else {
            throw .unreadable(path, reason: String(cString: strerror(errno)))
        }
        return bytes
    }
}
