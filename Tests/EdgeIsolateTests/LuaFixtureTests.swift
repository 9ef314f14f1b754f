import EdgeIsolate
import Glibc
import Testing

/// Each file of `Tests/Fixtures/lua` asserts what a library does; it runs in an isolate.
@Suite struct LuaFixtureTests {
    static let folder: String = {
        let file = #filePath
        let tests = file.split(separator: "/").dropLast(2).joined(separator: "/")
        return "/\(tests)/Fixtures/lua"
    }()

    static let names: [String] = {
        guard let directory = opendir(Self.folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".lua") {
                names.append(name)
            }
        }
        return names.sorted()
    }()

    @Test func thereAreFixtures() {
        #expect(Self.names.count >= 8)
    }

    @Test(arguments: names)
    func holds(name: String) throws {
        let source = try #require(Self.contents("\(Self.folder)/\(name)"))
        let worker = try Worker("return function()\n\(source)\nend", name: "@\(name)")
        for slice in [UInt64(0), 1_000_000] {
            let run = try worker.run(sliceNanoseconds: slice)
            if case .done = run.outcome {
                continue
            }
            Issue.record("\(name): \(run.outcome)\n\(run.traceback)")
        }
    }

    private static func contents(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
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
}
