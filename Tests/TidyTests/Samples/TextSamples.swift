extension Sample {
    private static let leftover = Rule.leftoverWords[0]

    static let prose: [Sample] =
        [
            Sample(
                .noLeftovers,
                "longer words, and strings",
                [
                    SourceFile(
                        "docs/A.md",
                        "See \(Rule.leftoverWords[3])ING.md; mktemp \(Rule.leftoverWords[2])\(Rule.leftoverWords[2])\n"
                    ),
                    SourceFile("Sources/EdgeServer/A.swift", "let a = \"\(leftover)\"\n"),
                    SourceFile("workers/todo.lua", "return \"\(leftover) list\"\n"),
                ]
            ),
            Sample(.noLeftovers, "Swift", "Sources/EdgeServer/A.swift", "let a = 1\n// \(leftover): b\n", lines: [2]),
            Sample(.noLeftovers, "C", "Sources/CIsolate/a.c", "/*\n * \(Rule.leftoverWords[1]) */\n", lines: [2]),
            Sample(.noLeftovers, "Lua", "workers/a.lua", "--[[\n\(Rule.leftoverWords[2])\n]]\n", lines: [2]),
            Sample(.noLeftovers, "prose", "docs/a.md", "\(Rule.leftoverWords[3])\n", lines: [1]),

            Sample(
                .noMachinePaths,
                "other paths",
                "docs/a.md",
                "x\(Rule.machinePaths[1])y $(A)\(Rule.machinePaths[0])b https://a.example\(Rule.machinePaths[1]) /tmp/a\n"
            ),
        ]
        + Rule.machinePaths.map { Sample(.noMachinePaths, $0, "Makefile", "a:\n\tcp \($0) .\n", lines: [2]) }

    static let tests: [Sample] =
        [
            Sample(.noSkippedTests, "a test that runs", "Tests/ATests/A.swift", "@Test(.timeLimit(.minutes(1)))\n"),
            Sample(.noSkippedTests, "named in a string", "Tests/ATests/A.swift", "let a = \"\(Rule.skips[3])\"\n"),
            Sample(.noSleepingTests, "sources may sleep", "Sources/EdgeServer/A.swift", "\(Rule.sleeps[0])1)\n"),
            Sample(
                .noSleepingTests,
                "a clock of the test's",
                "Tests/ATests/A.swift",
                "func \(Rule.sleeps[0])until: I) {}\n"
            ),
            Sample(.noSleepingTests, "Lua in a string", "Tests/ATests/A.swift", "let a = \"\(Rule.sleeps[0])5)\"\n"),
            Sample(
                .noSleepingTests,
                "a task",
                "Tests/ATests/A.swift",
                "a()\nTask.\(Rule.sleeps[0])for: a)\n",
                lines: [2]
            ),
        ]
        + Rule.skips.map { Sample(.noSkippedTests, $0, "Tests/ATests/A.swift", "\n@Test(\($0) a)\n", lines: [2]) }
        + Rule.sleeps.map { Sample(.noSleepingTests, $0, "Tests/ATests/A.swift", "\n\($0)1)\n", lines: [2]) }
}
