import Glibc

/// The Lua files of a folder below `Tests/Fixtures`.
struct LuaFixtureFolder: Sendable {
    private let path: String
    /// File names, sorted.
    let names: [String]

    init(_ name: String) {
        let tests = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(tests)/Fixtures/\(name)"
        self.path = path
        self.names = Self.entries(of: path).filter { $0.hasSuffix(".lua") }.sorted()
    }

    /// The text of a file; nil where it can't be read.
    func contents(_ name: String) -> String? {
        guard let file = fopen("\(self.path)/\(name)", "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func entries(of path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
            )
        }
        return names
    }
}
