import EdgeRuntime
import Glibc

/// The `.worker` files of `Tests/Fixtures`.
enum FixtureDirectory {
    private static let root: String = {
        let directory = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return "/\(directory)/Fixtures"
    }()

    /// All names without their ending, folders as in `kv/put`, sorted.
    static let names: [String] = Self.names(in: "").sorted()

    static func read(_ name: String) throws -> Fixture {
        let path = "\(Self.root)/\(name).worker"
        guard let file = fopen(path, "r") else { throw FixtureError("\(path) can't be opened") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer[..<count]
        }
        return try FixtureParser.parse(String(decoding: bytes, as: UTF8.self))
    }

    private static func names(in folder: String) -> [String] {
        let entries = (try? FileSystem.names(in: Self.root + "/" + folder)) ?? []
        return entries.flatMap { bytes -> [String] in
            let name = String(decoding: bytes, as: UTF8.self)
            if name.hasSuffix(".worker") { return [folder + name.dropLast(7)] }
            return name.contains(".") ? [] : Self.names(in: "\(folder)\(name)/")
        }
    }
}
