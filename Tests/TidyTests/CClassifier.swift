/// Tells code, comments and literals of C apart.
enum CClassifier {
    static func classify(_ bytes: [UInt8]) -> [ByteKind] {
        var scanner = ByteScanner(bytes)
        while !scanner.atEnd {
            if scanner.startsWith("//") {
                scanner.takeLine(as: .comment)
            } else if scanner.startsWith("/*") {
                scanner.take(2, as: .comment)
                scanner.take(through: "*/", as: .comment)
            } else if scanner.current == UInt8(ascii: "\"") || scanner.current == UInt8(ascii: "'") {
                scanner.takeQuoted(by: scanner.current)
            } else {
                scanner.take(1, as: .code)
            }
        }
        return scanner.kinds
    }
}
