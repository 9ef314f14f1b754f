import Glibc

/// A JSON text as RFC 8259 means it, read in the plainest way: what `json.decode` is held against.
indirect enum ReferenceJSON: Equatable {
    case null
    case bool(Bool)
    /// The bits of the nearest double: numbers are equal when these are.
    case number(UInt64)
    case string([UInt8])
    case array([ReferenceJSON])
    /// The last of equal keys counts.
    case object([[UInt8]: ReferenceJSON])

    /// nil for what is no JSON, is nested deeper than edgehost takes, or has a fraction or exponent that no double can hold.
    static func parse(_ text: [UInt8]) -> ReferenceJSON? {
        // Strings are UTF-8; outside of strings nothing beyond ASCII is allowed anyway.
        guard String(validating: text, as: UTF8.self) != nil else { return nil }
        var parser = ReferenceJSONParser(rest: text[...])
        guard let value = parser.value(depth: 0) else { return nil }
        parser.skipSpace()
        return parser.rest.isEmpty ? value : nil
    }
}

private struct ReferenceJSONParser {
    var rest: ArraySlice<UInt8>

    private static let maximumDepth = 128

    mutating func skipSpace() {
        self.rest = self.rest.drop { " \t\r\n".utf8.contains($0) }
    }

    private mutating func take(_ text: String) -> Bool {
        guard self.rest.starts(with: text.utf8) else { return false }
        self.rest = self.rest.dropFirst(text.utf8.count)
        return true
    }

    mutating func value(depth: Int) -> ReferenceJSON? {
        self.skipSpace()
        if self.take("null") { return .null }
        if self.take("true") { return .bool(true) }
        if self.take("false") { return .bool(false) }
        switch self.rest.first {
        case UInt8(ascii: "\""): return self.string().map { .string($0) }
        case UInt8(ascii: "["): return depth < Self.maximumDepth ? self.array(depth) : nil
        case UInt8(ascii: "{"): return depth < Self.maximumDepth ? self.object(depth) : nil
        default: return self.number()
        }
    }

    private mutating func array(_ depth: Int) -> ReferenceJSON? {
        self.rest = self.rest.dropFirst()
        var members: [ReferenceJSON] = []
        self.skipSpace()
        if self.take("]") { return .array([]) }
        while true {
            guard let member = self.value(depth: depth + 1) else { return nil }
            members.append(member)
            self.skipSpace()
            if self.take("]") { return .array(members) }
            guard self.take(",") else { return nil }
        }
    }

    private mutating func object(_ depth: Int) -> ReferenceJSON? {
        self.rest = self.rest.dropFirst()
        var members: [[UInt8]: ReferenceJSON] = [:]
        self.skipSpace()
        if self.take("}") { return .object([:]) }
        while true {
            self.skipSpace()
            guard self.rest.first == UInt8(ascii: "\""), let key = self.string() else { return nil }
            self.skipSpace()
            guard self.take(":"), let value = self.value(depth: depth + 1) else { return nil }
            members[key] = value
            self.skipSpace()
            if self.take("}") { return .object(members) }
            guard self.take(",") else { return nil }
        }
    }

    private mutating func digits() -> Int {
        let run = self.rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        self.rest = self.rest.dropFirst(run.count)
        return run.count
    }

    private mutating func number() -> ReferenceJSON? {
        let start = self.rest
        _ = self.take("-")
        let isZero = self.rest.first == UInt8(ascii: "0")
        let count = self.digits()
        guard count > 0, !isZero || count == 1 else { return nil }
        var isInteger = true
        if self.take(".") {
            isInteger = false
            guard self.digits() > 0 else { return nil }
        }
        if self.take("e") || self.take("E") {
            isInteger = false
            _ = self.take("+") || self.take("-")
            guard self.digits() > 0 else { return nil }
        }
        let text = String(decoding: start[..<self.rest.startIndex], as: UTF8.self)
        let value = strtod(text, nil)
        // An integer of any size keeps its digits.
        return value.isFinite || isInteger ? .number(value.bitPattern) : nil
    }

    private mutating func string() -> [UInt8]? {
        self.rest = self.rest.dropFirst()
        var bytes: [UInt8] = []
        while let byte = self.rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return bytes
            case UInt8(ascii: "\\"):
                guard let character = self.escape() else { return nil }
                bytes += Array(String(character).utf8)
            case 0..<0x20: return nil
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        let plain: [UInt8: Unicode.Scalar] = [
            UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
            UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
        ]
        guard let letter = self.rest.popFirst() else { return nil }
        if letter != UInt8(ascii: "u") { return plain[letter] }
        guard let high = self.hex4() else { return nil }
        guard (0xd800..<0xdc00).contains(high) else { return Unicode.Scalar(high) }
        guard self.take("\\u"), let low = self.hex4(), (0xdc00..<0xe000).contains(low) else { return nil }
        return Unicode.Scalar(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
    }

    private mutating func hex4() -> UInt32? {
        let text = self.rest.prefix(4)
        let isHex = text.allSatisfy { "0123456789abcdefABCDEF".utf8.contains($0) }
        guard text.count == 4, isHex else { return nil }
        self.rest = self.rest.dropFirst(4)
        return UInt32(String(decoding: text, as: UTF8.self), radix: 16)
    }
}
