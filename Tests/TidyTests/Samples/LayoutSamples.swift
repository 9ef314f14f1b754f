extension Sample {
    static let composition: [Sample] = [
        Sample(
            .composition,
            "the root, tests, the type's own file, and use without building",
            [
                SourceFile("Sources/EdgeServer/Composition/Server.swift", "let a = LMDBStore(path: b)\n"),
                SourceFile("Tests/EdgeStorageTests/A.swift", "let a = LMDBStore(path: b)\n"),
                SourceFile("Sources/EdgeStorage/LMDBStore.swift", "class LMDBStore {\nlet a = LMDBStore(b)\n}\n"),
                SourceFile("Sources/EdgeServer/A.swift", "func f(_ store: LMDBStore) { MyLMDBStore(store) }\n"),
            ]
        ),
        Sample(
            .composition,
            "elsewhere",
            "Sources/EdgeServer/Admin.swift",
            "let a = try LMDBStore(path: b)\nlet c = MultiThreadedEventLoopGroup(numberOfThreads: 1)\nFileWatcher.init(d)\n"
                + "LMDBStore.open(e)\n",
            lines: [1, 2, 3, 4]
        ),
    ]

    private static let ignore = SourceFile(
        ".gitignore",
        ".build/\n.build-*/\n.edgehost/\n.swiftpm/\nPackage.resolved\n"
    )

    static let layout: [Sample] = [
        Sample(.topLevel, "what belongs there", [ignore, SourceFile("Makefile", ""), SourceFile("docs/a/b.md", "")]),
        Sample(.topLevel, "a stray file", "notes.txt", "", lines: [0]),
        Sample(.topLevel, "a stray directory", "scripts/a.sh", "", lines: [0]),
        Sample(.noBuildProducts, "all ignored", [ignore]),
        Sample(.noBuildProducts, "some missing", ".gitignore", ".build/\n.edgehost/\n", lines: [0, 0]),
        Sample(.noBuildProducts, "no file", [], expected: [".gitignore:0"]),
    ]
}
