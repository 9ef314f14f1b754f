extension Rule {
    static let layout: [Rule] = [.topLevel, .noBuildProducts]

    /// What the top level of the repository holds, names that begin with a dot aside.
    static let topLevelNames: Set<String> = [
        "Package.swift", "Sources", "Tests", "workers", "bench", "docs", "README.md", "Makefile", "CHANGELOG.md",
    ]

    /// What building and running leaves behind.
    static let products = [".build/", ".edgehost/", ".swiftpm/", "Package.resolved"]

    static let topLevel = Rule(name: "the top level is fixed") { files in
        let strangers = files.filter { file in
            let name = String(file.path.prefix { $0 != "/" })
            return !name.hasPrefix(".") && !Self.topLevelNames.contains(name)
        }
        return strangers.map { file in
            Violation(path: file.path, line: 0, message: "does not belong to the top level; see Rule.topLevelNames")
        }
    }

    static let noBuildProducts = Rule(name: "build products are ignored by git") { files in
        guard let ignore = files.first(where: { $0.path == ".gitignore" }) else {
            return [Violation(path: ".gitignore", line: 0, message: "is missing")]
        }
        let ignored = Set(TextSearch.lines(of: ignore.text))
        return Self.products.filter { !ignored.contains($0) }.map { product in
            Violation(path: ignore.path, line: 0, message: "does not name \(product), which is made, not written")
        }
    }
}
