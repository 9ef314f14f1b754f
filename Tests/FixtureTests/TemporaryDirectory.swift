import EdgeRuntime
import Glibc

/// A folder that is removed with the object.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/edgehost-fixture-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FixtureError("mkdtemp failed with errno \(errno)") }
        self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        Self.remove(self.path)
    }

    func makeFolder(_ name: String) throws {
        var path = self.path
        for part in name.split(separator: "/") {
            path += "/\(part)"
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
                throw FixtureError("\(path) can't be made: errno \(errno)")
            }
        }
    }

    /// Writes a file, and the folders on the way to it; nil removes it.
    func apply(_ change: Fixture.FileChange) throws {
        let path = "\(self.path)/\(change.path)"
        guard let content = change.content else {
            guard unlink(path) == 0 else { throw FixtureError("\(path) can't be removed: errno \(errno)") }
            return
        }
        try self.makeFolder(change.path.split(separator: "/").dropLast().joined(separator: "/"))
        guard let file = fopen(path, "w") else { throw FixtureError("\(path) can't be written: errno \(errno)") }
        let count = content.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        guard fclose(file) == 0, count == content.count else { throw FixtureError("\(path) can't be written") }
    }

    private static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in (try? FileSystem.names(in: path)) ?? [] {
            Self.remove("\(path)/\(String(decoding: name, as: UTF8.self))")
        }
        rmdir(path)
    }
}
