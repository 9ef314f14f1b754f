import Glibc
import Testing

/// Shows each target the files of its corpus: seeds by hand, and what `make fuzz` once found.
@Suite struct CorpusTests {
    private static let folder: String = {
        let file = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return file.dropLast().joined(separator: "/") + "/Corpus"
    }()

    @Test(arguments: FuzzTarget.all)
    func holds(target: FuzzTarget) throws {
        let names = try Self.names(in: "\(Self.folder)/\(target.name)")
        #expect(names.count >= 3, "a target without seeds is hardly tried")
        for name in names {
            let input = try Self.contents(of: "\(Self.folder)/\(target.name)/\(name)")
            #expect(input.count <= FuzzTarget.maximumBytes, "\(name)")
            #expect(target.violation(input) == nil, "Corpus/\(target.name)/\(name)")
        }
    }

    @Test func everyFolderIsOfATarget() throws {
        #expect(try Self.names(in: Self.folder).sorted() == FuzzTarget.all.map(\.name).sorted())
    }

    /// Whether a target can fail at all.
    @Test func aViolationIsTold() {
        let broken = FuzzTarget("broken") { input in
            if input.contains(7) { throw Violation("holds a 7") }
        }
        #expect(broken.violation([1, 7]) == "holds a 7")
        #expect(broken.violation([1]) == nil)
    }

    private static func names(in folder: String) throws -> [String] {
        guard let directory = opendir(folder) else { throw Violation("\(folder): errno \(errno)") }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func contents(of path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw Violation("\(path): errno \(errno)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 2 * FuzzTarget.maximumBytes)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }
}

extension FuzzTarget: CustomTestStringConvertible {
    var testDescription: String { self.name }
}
