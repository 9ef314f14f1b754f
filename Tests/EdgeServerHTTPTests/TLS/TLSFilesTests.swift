import EdgeRuntime
import Testing

@testable import EdgeServer

/// The certificate and key files: what is refused at start, and what happens when they change.
@Suite("TLS files")
struct TLSFilesTests {
    @Test("files that can't be used are named, with what is wrong")
    func refused() throws {
        let folder = try ScratchFolder()
        try Certificates.make(in: folder.path, name: "a")
        try Certificates.make(in: folder.path, name: "b")
        try Certificates.encryptKey(in: folder.path, from: "a.key", to: "locked.key")
        try folder.write("hello", to: "text")
        try folder.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", to: "bad.pem")
        try folder.write("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", to: "bad.key")
        let cases = [
            ("none.pem", "a.key", "none.pem: can't be read: No such file or directory"),
            ("a.pem", "none.key", "none.key: can't be read: No such file or directory"),
            (".", "a.key", "can't be read: Is a directory"),
            ("text", "a.key", "text: holds no certificate in PEM form"),
            ("a.key", "a.key", "a.key: holds no certificate in PEM form"),
            ("bad.pem", "a.key", "bad.pem: a certificate in it is damaged"),
            ("a.pem", "text", "text: holds no private key in PEM form"),
            ("a.pem", "a.pem", "a.pem: holds no private key in PEM form"),
            ("a.pem", "bad.key", "bad.key: the private key in it is damaged"),
            ("a.pem", "locked.key", "locked.key: the private key is encrypted"),
            ("a.pem", "b.key", "b.key: is not the key of the first certificate in "),
        ]
        for (certificate, key, expected) in cases {
            let files = TLSFiles(certificate: "\(folder.path)/\(certificate)", key: "\(folder.path)/\(key)")
            let error = #expect(throws: TLSFilesError.self) { try TLSCredentials(files) }
            #expect(
                error?.description.contains(expected) == true,
                "\(certificate), \(key): \(String(describing: error))"
            )
        }
    }

    @Test("a certificate without its key, or the other way round, is refused")
    func incomplete() {
        var options = ServerOptions()
        options.tlsKey = "/nowhere/key.pem"
        #expect(throws: TLSFilesError.incomplete) { try options.resolve() }
    }

    @Test("the configuration may name the files")
    func configured() throws {
        let text = "return { tls = { cert = 'a.pem', key = 'a.key' } }"
        let file = try HostConfiguration(source: Array(text.utf8), file: "edgehost.lua")
        #expect(file.tls.certificate == "a.pem" && file.tls.key == "a.key")
        let error = #expect(throws: ConfigurationError.self) {
            try HostConfiguration(source: Array("return { tls = { chain = 'a' } }".utf8), file: "edgehost.lua")
        }
        #expect(error?.description == "edgehost.lua: tls has the fields cert and key")
    }

    @Test("a changed pair is read when it has come to rest, also behind links")
    func renewal() throws {
        let folder = try ScratchFolder()
        try Certificates.make(in: folder.path, name: "a")
        try Certificates.make(in: folder.path, name: "b")
        folder.link("live.pem", to: "a.pem")
        folder.link("live.key", to: "a.key")
        let files = TLSFiles(certificate: folder.path + "/live.pem", key: folder.path + "/live.key")
        let credentials = try TLSCredentials(files)
        let first = credentials.context
        #expect(credentials.refresh() == .unchanged)
        #expect(credentials.refresh() == .unchanged)

        folder.link("live.pem", to: "b.pem")
        #expect(credentials.refresh() == .unchanged, "the key may be about to follow")
        folder.link("live.key", to: "b.key")
        #expect(credentials.refresh() == .unchanged)
        #expect(credentials.context === first)
        guard case .replaced = credentials.refresh() else {
            Issue.record("the new pair was not read")
            return
        }
        let second = credentials.context
        #expect(second !== first)
        #expect(credentials.refresh() == .unchanged)

        folder.link("live.key", to: "a.key")
        #expect(credentials.refresh() == .unchanged)
        #expect(credentials.refresh() == .failed(.mismatch(files)))
        #expect(credentials.refresh() == .unchanged, "the same fault is told once")
        #expect(credentials.context === second)
        #expect(credentials.refresh(isForced: true) == .failed(.mismatch(files)))
        folder.link("live.key", to: "b.key")
        guard case .replaced = credentials.refresh(isForced: true) else {
            Issue.record("not forced")
            return
        }
    }
}
