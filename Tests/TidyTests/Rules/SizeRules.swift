extension Rule {
    static let sizes: [Rule] = [.fileLength, .functionLength]

    static let maximumFileLines = 400
    /// A function has fewer lines than this, its signature and braces counted.
    static let functionLineLimit = 70

    static let fileLength = Rule("files have at most \(maximumFileLines) lines") { file in
        guard file.isSource || file.isTest, file.language != .prose, file.lineCount > Self.maximumFileLines else {
            return []
        }
        let message = "\(file.lineCount) lines; at most \(Self.maximumFileLines): one concept a file"
        return [Violation(path: file.path, line: file.lineCount, message: message)]
    }

    static let functionLength = Rule("functions have fewer than \(functionLineLimit) lines") { file in
        guard file.isSource || file.isTest else { return [] }
        return FunctionScanner.functions(in: file).filter { $0.lineCount >= Self.functionLineLimit }.map { function in
            let message = "a function of \(function.lineCount) lines; fewer than \(Self.functionLineLimit)"
            return Violation(path: file.path, line: function.line, message: message)
        }
    }
}
