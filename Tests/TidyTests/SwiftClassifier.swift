/// Tells code, comments and strings of Swift apart: nested comments, raw and multi-line strings, and interpolations,
/// whose insides are code. Regex literals between `#/` and `/#` count as strings; bare ones are not recognised.
struct SwiftClassifier {
    /// Where the scanner is; interpolations put code into strings and strings into that code again.
    private enum Mode {
        /// In code; `depth` counts the open parentheses of an interpolation, nil outside of any.
        case code(depth: Int?)
        case string(hashes: Int, multiLine: Bool)
    }

    private var scanner: ByteScanner
    private var modes: [Mode] = [.code(depth: nil)]

    static func classify(_ bytes: [UInt8]) -> [ByteKind] {
        var classifier = SwiftClassifier(scanner: ByteScanner(bytes))
        while !classifier.scanner.atEnd {
            switch classifier.modes[classifier.modes.count - 1] {
            case .code(let depth): classifier.stepInCode(depth: depth)
            case .string(let hashes, let multiLine): classifier.stepInString(hashes: hashes, multiLine: multiLine)
            }
        }
        return classifier.scanner.kinds
    }

    private init(scanner: ByteScanner) {
        self.scanner = scanner
    }

    private mutating func stepInCode(depth: Int?) {
        if self.scanner.startsWith("//") { return self.scanner.takeLine(as: .comment) }
        if self.scanner.startsWith("/*") { return self.takeBlockComment() }
        let hashes = self.scanner.run(of: UInt8(ascii: "#"))
        if self.scanner.startsWith("\"", at: hashes) { return self.openString(hashes: hashes) }
        if hashes == 1, self.scanner.startsWith("#/") { return self.scanner.take(through: "/#", as: .string) }
        if hashes > 0 { return self.scanner.take(hashes, as: .code) }
        guard let depth else { return self.scanner.take(1, as: .code) }
        self.stepInInterpolation(depth: depth)
    }

    private mutating func stepInInterpolation(depth: Int) {
        var depth = depth
        if self.scanner.current == UInt8(ascii: "(") { depth += 1 }
        if self.scanner.current == UInt8(ascii: ")") { depth -= 1 }
        self.modes.removeLast()
        if depth > 0 { self.modes.append(.code(depth: depth)) }
        self.scanner.take(1, as: depth > 0 ? .code : .string)
    }

    private mutating func openString(hashes: Int) {
        let multiLine = self.scanner.startsWith("\"\"\"", at: hashes)
        self.scanner.take(hashes + (multiLine ? 3 : 1), as: .string)
        self.modes.append(.string(hashes: hashes, multiLine: multiLine))
    }

    private mutating func stepInString(hashes: Int, multiLine: Bool) {
        let quotes = multiLine ? 3 : 1
        if self.scanner.run(of: UInt8(ascii: "\"")) >= quotes,
            self.scanner.run(of: UInt8(ascii: "#"), at: quotes) >= hashes
        {
            self.scanner.take(quotes + hashes, as: .string)
            self.modes.removeLast()
            return
        }
        if self.scanner.current == UInt8(ascii: "\n"), !multiLine {
            // Not valid Swift; ending the string here keeps the damage to one line.
            self.modes.removeLast()
            return
        }
        guard self.scanner.current == UInt8(ascii: "\\"), self.scanner.run(of: UInt8(ascii: "#"), at: 1) >= hashes
        else { return self.scanner.take(1, as: .string) }
        let opensInterpolation = self.scanner.startsWith("(", at: 1 + hashes)
        self.scanner.take(2 + hashes, as: .string)
        if opensInterpolation { self.modes.append(.code(depth: 1)) }
    }

    private mutating func takeBlockComment() {
        var depth = 0
        repeat {
            if self.scanner.startsWith("/*") {
                depth += 1
                self.scanner.take(2, as: .comment)
            } else if self.scanner.startsWith("*/") {
                depth -= 1
                self.scanner.take(2, as: .comment)
            } else {
                self.scanner.take(1, as: .comment)
            }
        } while depth > 0 && !self.scanner.atEnd
    }
}
