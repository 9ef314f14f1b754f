extension Rule {
    static let prose: [Rule] = [.noLeftovers, .noMachinePaths]

    // The words are put together here, so that this file does not break its own rules and a search for them finds what
    // is meant.
    static let leftoverWords = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
    static let machinePaths = ["/" + "root/", "/" + "work/", "/" + "farm/", "/tmp/" + "bash_jobs"]

    static let noLeftovers = Rule("no note of unfinished work") { file in
        Self.leftoverWords.flatMap { word in
            TextSearch.lines(of: word, in: file.comments).map { line in
                Violation(path: file.path, line: line, message: "\(word): finish it, or open an issue")
            }
        }
    }

    static let noMachinePaths = Rule("no path of a developer's machine") { file in
        Self.machinePaths.flatMap { path in
            TextSearch.offsets(of: path, in: file.text).compactMap { offset in
                // Inside a longer path, a URL or a variable's expansion it is some other directory.
                let goesOn = offset > 0 && Self.belongsToPath(file.text[offset - 1])
                if goesOn { return nil }
                let line = TextSearch.line(of: offset, in: file.text)
                return Violation(path: file.path, line: line, message: "\(path) exists on one machine only")
            }
        }
    }

    private static func belongsToPath(_ byte: UInt8) -> Bool {
        TextSearch.isIdentifier(byte) || "/.-~)}*".utf8.contains(byte)
    }
}
