import Foundation
import Glibc

/// Certificates made when a test runs, by the openssl command: no key lies in the repository.
enum Certificates {
    struct Failure: Error {
        var status: Int32
    }

    /// Makes a self-signed certificate for `localhost` and its key.
    static func make(in folder: String, name: String, commonName: String = "localhost") throws {
        try Self.openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=\(commonName)",
            "-keyout",
            "\(folder)/\(name).key",
            "-out",
            "\(folder)/\(name).pem"
        )
    }

    static func encryptKey(in folder: String, from: String, to: String) throws {
        try Self.openssl("pkey", "-in", "\(folder)/\(from)", "-aes256", "-passout", "pass:x", "-out", "\(folder)/\(to)")
    }

    private static func openssl(_ arguments: String...) throws {
        var argv = (["openssl"] + arguments).map { strdup($0) } + [nil]
        defer { for text in argv { free(text) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in 0...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, "openssl", &actions, nil, &argv, environ)
        guard code == 0 else { throw Failure(status: code) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw Failure(status: status) }
    }
}

/// A folder that goes with the object.
final class ScratchFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/edgehost-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Certificates.Failure(status: errno) }
        self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(self.path)/\(name)", atomically: true, encoding: .utf8)
    }

    /// Lets `link` point to `name`, in one step, as renewal tools do.
    func link(_ link: String, to name: String) {
        let temporary = "\(self.path)/\(link).new"
        symlink(name, temporary)
        rename(temporary, "\(self.path)/\(link)")
    }
}
