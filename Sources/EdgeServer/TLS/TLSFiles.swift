import Glibc

/// Where the certificate chain and its private key lie, both as PEM.
public struct TLSFiles: Sendable, Equatable {
    /// The server's certificate first, then those that signed it.
    public var certificate: String
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// What identifies the present content of both files; links are followed, so a link that points elsewhere shows.
    struct Identity: Equatable {
        private var certificate: FileStatus?
        private var key: FileStatus?

        init(_ files: TLSFiles) {
            self.certificate = FileStatus(files.certificate)
            self.key = FileStatus(files.key)
        }
    }
}

private struct FileStatus: Equatable {
    private let numbers: [Int]

    /// Nil where there is no such file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.numbers = [
            Int(bitPattern: status.st_dev), Int(bitPattern: status.st_ino), status.st_size,
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
        ]
    }
}
