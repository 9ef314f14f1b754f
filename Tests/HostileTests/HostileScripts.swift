import EdgeRuntime
import Glibc

/// The scripts of `Tests/Hostile`. The folder is a workers directory: the server loads it as it is.
enum HostileScripts {
    /// The one file that is no attack.
    static let honest = "honest"

    static let directory: String = {
        let file = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return file.dropLast(2).joined(separator: "/") + "/Hostile"
    }()

    /// In the order of their names; one that can't be read is an issue of ``HostileTests/everyScriptSaysWhatItExpects()``.
    static let all = Result { try Self.read() }

    private static func read() throws -> [HostileScript] {
        let names = try FileSystem.names(in: Self.directory).map { String(decoding: $0, as: UTF8.self) }
        return try names.filter { $0.hasSuffix(".lua") }.map { String($0.dropLast(4)) }.sorted()
            .filter { $0 != Self.honest }
            .map { try HostileScript(name: $0, source: Self.text(of: "\(Self.directory)/\($0).lua")) }
    }

    private static func text(of path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw HostileError("\(path): errno \(errno)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = fread(&bytes, 1, bytes.count, file)
        guard count < bytes.count else { throw HostileError("\(path): larger than \(bytes.count) bytes") }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
