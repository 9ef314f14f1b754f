extension Rule {
    static let safety: [Rule] = [.noForce, .noPrinting, .reasonBesideUnchecked]

    static let noForce = Rule("no forced try, no forced cast") { file in
        guard file.isSource || file.isTest, file.language == .swift else { return [] }
        return ["try!", "as!"].flatMap { word in
            TextSearch.lines(of: word, in: file.code).map { line in
                Violation(path: file.path, line: line, message: "\(word) crashes on bad input; handle the failure")
            }
        }
    }

    static let noPrinting = Rule("libraries do not print") { file in
        guard file.isSource, file.target != "edgehost", file.language == .swift else { return [] }
        return ["print(", "debugPrint(", "dump("].flatMap { call in
            TextSearch.offsets(of: call, in: file.code)
                .filter { TextSearch.word(before: $0, in: file.code) != "func" }
                .map { offset in
                    let line = TextSearch.line(of: offset, in: file.code)
                    return Violation(
                        path: file.path,
                        line: line,
                        message: "a library may not \(call)...); log, or return it"
                    )
                }
        }
    }

    /// Where the compiler's check for data races is switched off, a comment directly above says what holds instead.
    static let reasonBesideUnchecked = Rule("a reason stands beside every unchecked conformance") { file in
        guard file.isSource || file.isTest, file.language == .swift else { return [] }
        let code = TextSearch.lines(of: file.code)
        let comments = TextSearch.lines(of: file.comments)
        return ["@unchecked Sendable", "nonisolated(unsafe)"].flatMap { word in
            TextSearch.lines(of: word, in: file.code).compactMap { line in
                if Self.isReason(Self.commentBeside(line: line, code: code, comments: comments)) { return nil }
                let message = "\(word) without a comment directly above that says why it is safe"
                return Violation(path: file.path, line: line, message: message)
            }
        }
    }

    /// The comments on the line, in the declaration's earlier lines and in the block directly above, joined.
    private static func commentBeside(line: Int, code: [String], comments: [String]) -> String {
        func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
        var index = line - 1
        var found = [comments[index]]
        // A declaration may have attributes and generic parameters on lines of its own: climb to its first line, which
        // follows a blank line, a comment, or the end of what stands before.
        while index > 0, !isBlank(code[index - 1]), !code[index - 1].hasSuffix("}"), !code[index - 1].hasSuffix("{") {
            let declares = ["class ", "struct ", "enum ", "extension ", "actor ", "var ", "let "]
            let isAttribute = code[index - 1].drop(while: \.isWhitespace).hasPrefix("@")
            if declares.contains(where: code[index].contains), !isAttribute { break }
            index -= 1
        }
        while index > 0, isBlank(code[index - 1]), !isBlank(comments[index - 1]) {
            index -= 1
            found.append(comments[index])
        }
        return found.joined(separator: " ")
    }

    /// Whether a comment speaks of what makes sharing safe, rather than of what the type is for.
    private static func isReason(_ comment: String) -> Bool {
        let words = [
            "sendable", "unchecked", "safe", "thread", "lock", "mutex", "atomic", "immutable", "confined", "event loop",
            "never written", "only written", "read-only",
        ]
        let comment = comment.lowercased()
        return words.contains(where: comment.contains)
    }
}
