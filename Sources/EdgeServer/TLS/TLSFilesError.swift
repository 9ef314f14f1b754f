/// Why a certificate and its key can't be used. Holds no byte of the key.
public struct TLSFilesError: Error, Equatable, CustomStringConvertible {
    public let description: String

    static let incomplete = TLSFilesError(
        description: "TLS needs both a certificate and a key: give --tls-cert and --tls-key, or cert and key in tls"
    )

    static func unreadable(_ path: String, reason: String) -> TLSFilesError {
        TLSFilesError(description: "\(path): can't be read: \(reason)")
    }

    static func noCertificate(_ path: String) -> TLSFilesError {
        TLSFilesError(description: "\(path): holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
    }

    static func malformedCertificate(_ path: String) -> TLSFilesError {
        TLSFilesError(description: "\(path): a certificate in it is damaged")
    }

    static func noKey(_ path: String) -> TLSFilesError {
        TLSFilesError(description: "\(path): holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)")
    }

    static func encryptedKey(_ path: String) -> TLSFilesError {
        TLSFilesError(
            description: "\(path): the private key is encrypted; write it without a passphrase, for example with "
                + "\"openssl pkey -in \(path) -out plain.pem\", in a file that only the server may read"
        )
    }

    static func malformedKey(_ path: String) -> TLSFilesError {
        TLSFilesError(description: "\(path): the private key in it is damaged, or of a kind that is not supported")
    }

    static func mismatch(_ files: TLSFiles) -> TLSFilesError {
        TLSFilesError(
            description: "\(files.key): is not the key of the first certificate in \(files.certificate)"
        )
    }
}
