import Glibc
import Testing

/// A temporary directory with a `workers` folder in it, removed with the object.
final class Workspace: Sendable {
    let root: String

    init() throws {
        var template = Array("/tmp/edgehost-loading-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        self.root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try self.makeFolder("workers")
    }

    deinit {
        Self.remove(self.root)
    }

    var workers: String { self.root + "/workers" }

    func path(_ name: String) -> String { "\(self.root)/\(name)" }

    func makeFolder(_ name: String) throws {
        let result = mkdir(self.path(name), 0o755)
        try #require(result == 0 || errno == EEXIST)
    }

    /// Writes a file and the folders on the way to it, in place.
    func write(_ name: String, _ text: String = "return function() end\n") throws {
        var folder = ""
        for part in name.split(separator: "/").dropLast() {
            folder += folder.isEmpty ? String(part) : "/\(part)"
            try self.makeFolder(folder)
        }
        let descriptor = open(self.path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
    }

    func link(_ name: String, to target: String) throws {
        try #require(symlink(target, self.path(name)) == 0)
    }

    func move(_ name: String, to other: String) throws {
        try #require(rename(self.path(name), self.path(other)) == 0)
    }

    func remove(_ name: String) {
        Self.remove(self.path(name))
    }

    private static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR, let stream = opendir(path) else {
            unlink(path)
            return
        }
        // Names as bytes: one of them is not UTF-8.
        var entries: [[CChar]] = []
        while let entry = readdir(stream) {
            let start = UnsafeRawPointer(entry).advanced(by: MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
            let name = start.assumingMemoryBound(to: CChar.self)
            entries.append(Array(UnsafeBufferPointer(start: name, count: strlen(name) + 1)))
        }
        closedir(stream)
        for name in entries where name != [46, 0] && name != [46, 46, 0] {
            if let text = String(validating: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) {
                self.remove(path + "/" + text)
            } else {
                unlink(Array(path.utf8CString.dropLast()) + [47] + name)
            }
        }
        rmdir(path)
    }
}

/// A generator whose sequence follows from its seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
