extension Rule {
    static let tests: [Rule] = [.noSkippedTests, .noSleepingTests]

    // Put together, as in ProseRules.
    static let skips = [
        "XCT" + "Skip", "XCT" + "SkipIf", "XCT" + "SkipUnless", ".disabled" + "(", "withKnown" + "Issue",
    ]
    static let sleeps = ["sleep" + "(", "usleep" + "(", "nanosleep" + "("]

    static let noSkippedTests = Rule("no test is skipped") { file in
        guard file.isTest, file.language == .swift else { return [] }
        return Self.skips.flatMap { word in
            TextSearch.lines(of: word, in: file.code).map { line in
                Violation(
                    path: file.path,
                    line: line,
                    message: "\(word): a skipped test shows nothing; mend or remove it"
                )
            }
        }
    }

    static let noSleepingTests = Rule("no test sleeps") { file in
        guard file.isTest, file.language == .swift || file.language == .c else { return [] }
        return Self.sleeps.flatMap { call in
            TextSearch.offsets(of: call, in: file.code)
                // A manual clock declares a `sleep` of its own.
                .filter { TextSearch.word(before: $0, in: file.code) != "func" }
                .map { offset in
                    let line = TextSearch.line(of: offset, in: file.code)
                    let message = "\(call)...): wait for the condition, or drive a manual clock"
                    return Violation(path: file.path, line: line, message: message)
                }
        }
    }
}
