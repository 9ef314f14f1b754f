import Glibc

/// How names and system errors appear in messages: on one line, printable, bounded.
enum MessageText {
    private static let maximumLength = 80

    /// The bytes in double quotes; what is not printable ASCII or valid UTF-8 is escaped as `\xNN`, a long text is cut.
    static func quoted(_ bytes: some Collection<UInt8>) -> String {
        let isUTF8 = String(validating: bytes, as: UTF8.self) != nil
        let head = Array(bytes.prefix(self.maximumLength))
        var text: [UInt8] = [UInt8(ascii: "\"")]
        for byte in head {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text += [UInt8(ascii: "\\"), byte]
            case 0x20..<0x7f:
                text.append(byte)
            case 0x80... where isUTF8:
                text.append(byte)
            default:
                text += "\\x".utf8
                text += [self.hexDigit(byte >> 4), self.hexDigit(byte & 15)]
            }
        }
        text += bytes.count > head.count ? Array("\"...".utf8) : [UInt8(ascii: "\"")]
        return String(decoding: text, as: UTF8.self)
    }

    static func quoted(_ text: String) -> String {
        self.quoted(text.utf8)
    }

    /// What the system says about an `errno`, for example `Permission denied`.
    static func system(_ code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: base)
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
