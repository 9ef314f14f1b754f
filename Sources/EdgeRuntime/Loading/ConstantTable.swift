import EdgeIsolate

/// A script that does nothing but return a table of constants, read without Lua: `return { threads = 2, tls = { cert = "c" } }`.
///
/// Only what is spelled plainly is read: names as keys, or lists; strings without escapes, whole decimal numbers, booleans. All else,
/// mistakes among it, is for Lua, so that there is one place that tells of them.
struct ConstantTable {
    private static let maximumDepth = 8
    /// Any number of so many digits is an integer in Lua, too.
    private static let maximumDigits = 18

    private let source: [UInt8]
    private var tokens: ArraySlice<LuaLexer.Token>

    /// What Lua would make of the script; nil where it is for Lua to say.
    static func value(of source: [UInt8]) -> Value? {
        // The lexer takes a first line for the shell, which Lua does not here, and forgives a long comment that has no end.
        guard source.first != UInt8(ascii: "#"), !self.hasLongComment(source) else { return nil }
        var table = ConstantTable(source: source, tokens: LuaLexer.tokens(source)[...])
        guard table.take(.name, "return"), table.isNext(.symbol, "{"), let value = table.value(depth: 0) else {
            return nil
        }
        _ = table.take(.symbol, ";")
        return table.tokens.isEmpty ? value : nil
    }

    private static func hasLongComment(_ source: [UInt8]) -> Bool {
        source.indices.dropLast(2).contains { index in
            source[index] == UInt8(ascii: "-") && source[index + 1] == UInt8(ascii: "-")
                && source[index + 2] == UInt8(ascii: "[")
        }
    }

    private mutating func value(depth: Int) -> Value? {
        guard let token = self.tokens.popFirst() else { return nil }
        let bytes = self.source[token.range]
        switch token.kind {
        case .name:
            if bytes.elementsEqual("true".utf8) { return .bool(true) }
            return bytes.elementsEqual("false".utf8) ? .bool(false) : nil
        case .number:
            guard bytes.count <= Self.maximumDigits, bytes.allSatisfy(SourceName.isDigit) else { return nil }
            return .integer(bytes.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) })
        case .string:
            return self.isPlain(token.range) ? .string(Array(bytes)) : nil
        case .symbol:
            return bytes.elementsEqual("{".utf8) && depth < Self.maximumDepth ? self.table(depth: depth) : nil
        }
    }

    /// Whether a string is in quotes, which end, and has no escapes.
    private func isPlain(_ range: Range<Int>) -> Bool {
        let quote = self.source[range.lowerBound - 1]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"), range.upperBound < self.source.count,
            self.source[range.upperBound] == quote
        else { return false }
        return self.source[range].allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\\") }
    }

    /// What follows the opening brace.
    private mutating func table(depth: Int) -> Value? {
        var entries: [Value.Entry] = []
        var members: [Value] = []
        while !self.take(.symbol, "}") {
            if let key = self.key() {
                guard !entries.contains(where: { $0.key == key }), let value = self.value(depth: depth + 1) else {
                    return nil
                }
                entries.append(Value.Entry(key: key, value: value))
            } else {
                guard let value = self.value(depth: depth + 1) else { return nil }
                members.append(value)
            }
            guard self.take(.symbol, ",") || self.take(.symbol, ";") || self.isNext(.symbol, "}") else { return nil }
        }
        if entries.isEmpty { return .array(members) }
        return members.isEmpty ? .table(entries) : nil
    }

    /// `name =`; nil, and nothing taken, where none stands here.
    private mutating func key() -> Value? {
        guard let name = self.tokens.first, name.kind == .name, let sign = self.tokens.dropFirst().first,
            sign.kind == .symbol, self.source[sign.range].elementsEqual("=".utf8)
        else { return nil }
        self.tokens.removeFirst(2)
        return .string(Array(self.source[name.range]))
    }

    private mutating func take(_ kind: LuaLexer.Token.Kind, _ text: String) -> Bool {
        guard self.isNext(kind, text) else { return false }
        self.tokens.removeFirst()
        return true
    }

    private func isNext(_ kind: LuaLexer.Token.Kind, _ text: String) -> Bool {
        guard let token = self.tokens.first else { return false }
        return token.kind == kind && self.source[token.range].elementsEqual(text.utf8)
    }
}
