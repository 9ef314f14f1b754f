import Glibc

/// A folder of its own under `TMPDIR` or `/tmp`.
struct TemporaryFolder: ~Copyable {
    let path: String

    /// Deeper than anything a server writes.
    private static let maximumDepth = 8

    init(prefix: String) throws(LoadError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/\(prefix)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw LoadError("no temporary folder can be made in \(parent): \(String(cString: strerror(errno)))")
        }
        self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        Self.remove(self.path, depth: 0)
    }

    /// Removes a folder with what is in it; links are removed, not followed.
    private static func remove(_ path: String, depth: Int) {
        guard depth < Self.maximumDepth, let stream = opendir(path) else { return }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            if unlink("\(path)/\(name)") != 0 { Self.remove("\(path)/\(name)", depth: depth + 1) }
        }
        closedir(stream)
        rmdir(path)
    }
}
