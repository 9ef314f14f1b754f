extension Sample {
    private static func lines(_ count: Int, of line: String = "    work();\n") -> String {
        String(repeating: line, count: count)
    }

    static let sizes: [Sample] = [
        Sample(.fileLength, "400 lines", "Sources/EdgeServer/A.swift", lines(400)),
        Sample(.fileLength, "401 lines", "Sources/EdgeServer/A.swift", lines(401), lines: [401]),
        Sample(.fileLength, "401 lines, the last without a break", "Sources/C/a.c", lines(400) + "x", lines: [401]),
        Sample(.fileLength, "a long fixture in Lua", "Tests/Fixtures/lua/a.lua", lines(500), lines: [500]),
        Sample(.fileLength, "prose may be long", "Tests/Fixtures/a.md", lines(500)),
        Sample(
            .functionLength,
            "69 lines",
            "Sources/EdgeServer/A.swift",
            "struct A {\nfunc f() {\n\(lines(67))}\n\(lines(30, of: "func g() {}\n"))}\n"
        ),
        Sample(
            .functionLength,
            "70 lines, after a requirement without a body",
            "Tests/EdgeServerTests/A.swift",
            "protocol P {\nfunc f(a: (Int) -> Void)\ninit()\n}\nfunc g(h: () -> Void = { a() }) throws -> [Int] {\n\(lines(68))}\n",
            lines: [5]
        ),
        Sample(
            .functionLength,
            "a long initialiser; braces in strings and comments do not count",
            "Sources/EdgeServer/A.swift",
            "init?(a: Int) {\n let b = \"}}\" // }\n let c = \"\"\"\n }\n \"\"\"\n /* } */\n\(lines(63))}\nlet d = A.init(a: 1)\n",
            lines: [1]
        ),
        Sample(
            .functionLength,
            "C: a long body, but no long table",
            "Sources/CIsolate/a.c",
            "#define A(x) {\nstatic const int t[] = {\n\(lines(80, of: "1,\n"))};\nstruct s {\nint a;\n};\n"
                + "static int\nf(char c)\n{\nif (c == '}') {\n\(lines(70))}\n}\nint g(void) { return 1; }\n",
            lines: [87]
        ),
    ]
}
