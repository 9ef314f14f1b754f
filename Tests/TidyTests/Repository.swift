import Foundation

/// The working tree these tests were built from.
enum Repository {
    struct Unreadable: Error, CustomStringConvertible {
        let path: String
        var description: String { "cannot read \(self.path)" }
    }

    /// Found from this file's own path, symbolic links resolved.
    static var root: URL {
        var url = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url
    }

    /// Every text file of the tree, but for what git ignores and git's own. Read once.
    static func files() throws -> [SourceFile] {
        try self.read.get()
    }

    private static let read = Result { try Self.readFiles() }

    private static func readFiles() throws -> [SourceFile] {
        try self.paths(in: "").sorted().compactMap { path in
            guard let data = FileManager.default.contents(atPath: self.root.appendingPathComponent(path).path) else {
                throw Unreadable(path: path)
            }
            let isBinary = data.prefix(8192).contains(0)
            return SourceFile(path: path, bytes: isBinary ? [] : Array(data))
        }
    }

    private static func paths(in directory: String) throws -> [String] {
        let url = directory.isEmpty ? self.root : self.root.appendingPathComponent(directory)
        return try FileManager.default.contentsOfDirectory(atPath: url.path).flatMap { name -> [String] in
            if self.isUntracked(name, in: directory) { return [] }
            let path = directory.isEmpty ? name : "\(directory)/\(name)"
            let kind = try FileManager.default.attributesOfItem(atPath: self.root.appendingPathComponent(path).path)[
                .type
            ]
            switch kind as? FileAttributeType {
            case .typeDirectory?: return try self.paths(in: path)
            case .typeRegular?: return [path]
            default: return []
            }
        }
    }

    private static func isUntracked(_ name: String, in directory: String) -> Bool {
        if directory == "bench/results" { return name != "reference.json" }
        if name.hasSuffix(".profraw") { return true }
        guard directory.isEmpty else { return false }
        let tracked: Set<String> = [".ci", ".gitignore", ".swift-format"]
        return (name.hasPrefix(".") && !tracked.contains(name)) || name == "Package.resolved"
    }
}
