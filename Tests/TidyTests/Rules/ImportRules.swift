extension Rule {
    static let imports: [Rule] = [.importGraph, .luaHeaders]

    /// What the Swift files of each target may import; a module whose name begins with an entry that ends in `*`, too.
    /// A target that is missing here may not exist: the graph is the architecture's, and grows on purpose.
    private static let importable: [String: Set<String>] = [
        "CIsolate": [],
        "CLMDB": [],
        "CProcess": [],
        "EdgeIsolate": ["CIsolate"],
        "EdgeStorage": ["CLMDB"],
        "EdgeRuntime": ["EdgeIsolate", "EdgeStorage"],
        "EdgeServer": ["CProcess", "EdgeRuntime", "EdgeStorage", "NIO*", "Logging", "Histogram"],
        "edgehost": ["EdgeServer"],
    ]
    private static let importableAnywhere: Set<String> = ["Glibc", "Synchronization"]

    /// The import graph of the architecture. It also keeps Foundation out of every target.
    static let importGraph = Rule("imports follow the architecture's graph") { file in
        guard file.isSource, let target = file.target, file.language == .swift || file.language == .c else { return [] }
        guard let allowed = Self.importable[target] else {
            return [
                Violation(
                    path: file.path,
                    line: 0,
                    message: "target \(target) has no entry in Rule.importable; add one"
                )
            ]
        }
        guard file.language == .swift else { return [] }
        return Self.importedModules(in: file).compactMap { line, module in
            let isAllowed = allowed.union(Self.importableAnywhere).contains { entry in
                entry.hasSuffix("*") ? module.hasPrefix(entry.dropLast()) : module == entry
            }
            if isAllowed { return nil }
            return Violation(path: file.path, line: line, message: "\(target) may not import \(module)")
        }
    }

    /// Lua's headers stay inside CIsolate, and out of what CIsolate shows to others.
    static let luaHeaders = Rule("lua.h is included in CIsolate's private files alone") { file in
        guard file.language == .c else { return [] }
        let isPrivate =
            file.path.hasPrefix("Sources/CIsolate/") && !file.path.hasPrefix("Sources/CIsolate/include/")
        if isPrivate { return [] }
        let headers: Set<String> = ["lua.h", "lauxlib.h", "lualib.h", "luaconf.h", "lua.hpp"]
        return TextSearch.lines(of: file.codeAndStrings).enumerated().compactMap { index, line in
            let words = line.split { " \t#<>\"/".contains($0) }
            guard words.first == "include", let header = words.last, headers.contains(String(header)) else {
                return nil
            }
            let message = "includes \(header); only Sources/CIsolate/*.c and its private headers may"
            return Violation(path: file.path, line: index + 1, message: message)
        }
    }

    /// The modules a Swift file imports and the lines it does so on.
    private static func importedModules(in file: SourceFile) -> [(line: Int, module: String)] {
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor"]
        return TextSearch.lines(of: file.code).enumerated().compactMap { index, line in
            let words = line.split { " \t\r;".contains($0) }
            // Attributes and access levels may stand before `import`.
            let modifiers: Set<Substring> = ["public", "package", "internal", "private", "fileprivate"]
            let keyword = words.firstIndex { !$0.hasPrefix("@") && !modifiers.contains($0) }
            guard let keyword, words[keyword] == "import" else { return nil }
            guard let path = words[(keyword + 1)...].first(where: { !kinds.contains($0) }) else { return nil }
            return (index + 1, String(path.prefix { $0 != "." }))
        }
    }
}
