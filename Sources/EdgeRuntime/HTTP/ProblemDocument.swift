/// The answer the host gives where a worker gave none: `application/problem+json` (RFC 9457).
///
/// Written as bytes, once: refusing is what an overloaded server does most, and must cost it less than the work refused.
struct ProblemDocument {
    var outcome: Outcome
    var worker: String?
    var requestID: RequestID
    /// Message and traceback, in development only.
    var detail: String?

    /// Of a document without `detail`: nothing is moved while it is written.
    private static let usualSize = 320
    private static let end: StaticString = "}\n"
    /// Bytes behind the id of the request in a document without `detail`.
    static let lengthAfterID = 1 + Self.end.utf8CodeUnitCount

    var head: HTTPResponseHead {
        var head = HTTPResponseHead(status: self.outcome.status)
        head.fields.appendField(name: "content-type", value: "application/problem+json")
        if self.outcome == .overloaded {
            head.fields.appendField(name: "retry-after", value: "1")
            head.isRefusal = true
        }
        return head
    }

    var body: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(Self.usualSize)
        text.append(contentsOf: "{\"type\":\"about:blank\",\"title\":".utf8)
        Self.append(quoted: self.outcome.title, to: &text)
        text.append(contentsOf: ",\"status\":\(self.outcome.status),\"outcome\":\"".utf8)
        text.append(contentsOf: self.outcome.rawValue.utf8)
        text.append(UInt8(ascii: "\""))
        if let worker = self.worker {
            text.append(contentsOf: ",\"worker\":".utf8)
            Self.append(quoted: worker, to: &text)
        }
        text.append(contentsOf: ",\"request_id\":\"".utf8)
        self.requestID.append(to: &text)
        text.append(UInt8(ascii: "\""))
        if let detail = self.detail {
            text.append(contentsOf: ",\"detail\":".utf8)
            Self.append(quoted: detail, to: &text)
        }
        Self.end.withUTF8Buffer { text.append(contentsOf: $0) }
        return text
    }

    private static func append(quoted string: String, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        if string.utf8.contains(where: Self.needsEscape) {
            for byte in string.utf8 {
                Self.append(byte, to: &text)
            }
        } else {
            text.append(contentsOf: string.utf8)
        }
        text.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func append(_ byte: UInt8, to text: inout [UInt8]) {
        guard Self.needsEscape(byte) else {
            text.append(byte)
            return
        }
        text.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): text.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): text.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): text.append(UInt8(ascii: "t"))
        case 0..<0x20:
            text.append(contentsOf: (byte < 16 ? "u000" : "u00").utf8)
            text.append(contentsOf: String(byte, radix: 16).utf8)
        default: text.append(byte)
        }
    }
}
