/// Tells code, comments and strings of Lua apart, long brackets of any level included.
enum LuaClassifier {
    static func classify(_ bytes: [UInt8]) -> [ByteKind] {
        var scanner = ByteScanner(bytes)
        while !scanner.atEnd {
            if scanner.startsWith("--") {
                scanner.take(2, as: .comment)
                if !Self.takeLongBracket(&scanner, as: .comment) { scanner.takeLine(as: .comment) }
            } else if scanner.current == UInt8(ascii: "\"") || scanner.current == UInt8(ascii: "'") {
                scanner.takeQuoted(by: scanner.current)
            } else if !Self.takeLongBracket(&scanner, as: .string) {
                scanner.take(1, as: .code)
            }
        }
        return scanner.kinds
    }

    /// Takes `[==[ ... ]==]` where one begins here, and says whether it did.
    private static func takeLongBracket(_ scanner: inout ByteScanner, as kind: ByteKind) -> Bool {
        guard scanner.current == UInt8(ascii: "[") else { return false }
        let level = scanner.run(of: UInt8(ascii: "="), at: 1)
        guard scanner.startsWith("[", at: 1 + level) else { return false }
        scanner.take(2 + level, as: kind)
        while !scanner.atEnd {
            let closes =
                scanner.current == UInt8(ascii: "]")
                && scanner.run(of: UInt8(ascii: "="), at: 1) == level
                && scanner.startsWith("]", at: 1 + level)
            scanner.take(closes ? 2 + level : 1, as: kind)
            if closes { break }
        }
        return true
    }
}
