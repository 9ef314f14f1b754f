/// Reads the JSON of result files. Numbers are doubles; of two fields with one name the last counts.
struct JSONReader {
    indirect enum Value: Equatable {
        case null
        case boolean(Bool)
        case number(Double)
        case string(String)
        case array([Value])
        case object([String: Value])
    }

    private static let maximumDepth = 64

    private let bytes: [UInt8]
    private var offset = 0

    /// - Returns: nil where the bytes are not one JSON text.
    static func read(_ bytes: [UInt8]) -> Value? {
        var reader = JSONReader(bytes: bytes)
        guard let value = reader.value(depth: 0) else { return nil }
        reader.skipBlanks()
        return reader.offset == bytes.count ? value : nil
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { self.offset < self.bytes.count ? self.bytes[self.offset] : nil }

    private mutating func skipBlanks() {
        while let byte = self.next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { self.offset += 1 }
    }

    /// Takes `text`, or nothing.
    private mutating func take(_ text: StaticString) -> Bool {
        guard
            self.bytes[self.offset...].starts(
                with: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
            )
        else { return false }
        self.offset += text.utf8CodeUnitCount
        return true
    }

    private mutating func value(depth: Int) -> Value? {
        guard depth < Self.maximumDepth else { return nil }
        self.skipBlanks()
        switch self.next {
        case UInt8(ascii: "{"): return self.object(depth: depth)
        case UInt8(ascii: "["): return self.array(depth: depth)
        case UInt8(ascii: "\""): return self.string().map(Value.string)
        default:
            if self.take("null") { return .null }
            if self.take("true") { return .boolean(true) }
            if self.take("false") { return .boolean(false) }
            return self.number()
        }
    }

    private mutating func number() -> Value? {
        let digits = self.bytes[self.offset...].prefix { "+-.eE0123456789".utf8.contains($0) }
        guard let number = Double(String(decoding: digits, as: UTF8.self)) else { return nil }
        self.offset += digits.count
        return .number(number)
    }

    private mutating func array(depth: Int) -> Value? {
        self.offset += 1
        var elements: [Value] = []
        self.skipBlanks()
        if self.take("]") { return .array([]) }
        while let element = self.value(depth: depth + 1) {
            elements.append(element)
            self.skipBlanks()
            if self.take("]") { return .array(elements) }
            guard self.take(",") else { return nil }
        }
        return nil
    }

    private mutating func object(depth: Int) -> Value? {
        self.offset += 1
        var fields: [String: Value] = [:]
        self.skipBlanks()
        if self.take("}") { return .object([:]) }
        while true {
            self.skipBlanks()
            guard self.next == UInt8(ascii: "\""), let name = self.string() else { return nil }
            self.skipBlanks()
            guard self.take(":"), let value = self.value(depth: depth + 1) else { return nil }
            fields[name] = value
            self.skipBlanks()
            if self.take("}") { return .object(fields) }
            guard self.take(",") else { return nil }
        }
    }

    private mutating func string() -> String? {
        self.offset += 1
        var text: [UInt8] = []
        while let byte = self.next {
            self.offset += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = self.escape() else { return nil }
                text += Array(String(scalar).utf8)
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        guard let byte = self.next else { return nil }
        self.offset += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "u"):
            guard let unit = self.hexadecimal() else { return nil }
            guard (0xd800..<0xdc00).contains(unit) else { return Unicode.Scalar(unit) }
            guard self.take("\\u"), let low = self.hexadecimal(), (0xdc00..<0xe000).contains(low) else { return nil }
            return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
        default: return Unicode.Scalar(byte)
        }
    }

    private mutating func hexadecimal() -> UInt32? {
        let digits = self.bytes[self.offset...].prefix(4)
        guard digits.count == 4 else { return nil }
        self.offset += 4
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}

extension JSONReader.Value {
    subscript(name: String) -> JSONReader.Value? {
        if case .object(let fields) = self { fields[name] } else { nil }
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }

    var array: [JSONReader.Value]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    var object: [String: JSONReader.Value]? {
        if case .object(let fields) = self { fields } else { nil }
    }
}
