/// JSON text in one form: members in the order of their names, no white space. Numbers and strings stay as they are written,
/// so no digit is lost.
struct JSONText {
    private var rest: ArraySlice<UInt8>

    private init(_ text: [UInt8]) {
        self.rest = text[...]
    }

    /// nil where the text is not JSON.
    static func canonical(_ text: [UInt8]) -> String? {
        var json = JSONText(text)
        guard let value = json.value(), json.peek() == nil else { return nil }
        return value
    }

    private mutating func peek() -> UInt8? {
        self.rest = self.rest.drop { [9, 10, 13, 32].contains($0) }
        return self.rest.first
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.peek() == byte else { return false }
        self.rest = self.rest.dropFirst()
        return true
    }

    private mutating func value() -> String? {
        switch self.peek() {
        case UInt8(ascii: "{"): return self.object()
        case UInt8(ascii: "["): return self.array()
        case UInt8(ascii: "\""): return self.string()
        default: return self.word()
        }
    }

    private mutating func object() -> String? {
        var members: [String] = []
        guard self.take(UInt8(ascii: "{")) else { return nil }
        if self.take(UInt8(ascii: "}")) { return "{}" }
        repeat {
            guard self.peek() == UInt8(ascii: "\""), let name = self.string(), self.take(UInt8(ascii: ":")),
                let value = self.value()
            else { return nil }
            members.append("\(name):\(value)")
        } while self.take(UInt8(ascii: ","))
        return self.take(UInt8(ascii: "}")) ? "{\(members.sorted().joined(separator: ","))}" : nil
    }

    private mutating func array() -> String? {
        var members: [String] = []
        guard self.take(UInt8(ascii: "[")) else { return nil }
        if self.take(UInt8(ascii: "]")) { return "[]" }
        repeat {
            guard let value = self.value() else { return nil }
            members.append(value)
        } while self.take(UInt8(ascii: ","))
        return self.take(UInt8(ascii: "]")) ? "[\(members.joined(separator: ","))]" : nil
    }

    private mutating func string() -> String? {
        var end = self.rest.startIndex + 1
        while end < self.rest.endIndex, self.rest[end] != UInt8(ascii: "\"") {
            end += self.rest[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard end < self.rest.endIndex else { return nil }
        defer { self.rest = self.rest[(end + 1)...] }
        return String(validating: self.rest[...end], as: UTF8.self)
    }

    private mutating func word() -> String? {
        let word = self.rest.prefix { !Array(" \t\r\n,:{}[]\"".utf8).contains($0) }
        self.rest = self.rest[word.endIndex...]
        let text = String(decoding: word, as: UTF8.self)
        return ["true", "false", "null"].contains(text) || Double(text) != nil ? text : nil
    }
}
