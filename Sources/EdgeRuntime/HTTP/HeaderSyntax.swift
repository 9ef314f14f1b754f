/// What RFC 9110 allows in header fields.
enum HeaderSyntax {
    /// Fields that tell how the message is framed or sent: the server writes them, a worker's are left out.
    private static let serverOwned: [StaticString] = [
        "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "date",
    ]

    static func isServerOwned(_ name: UnsafeRawBufferPointer) -> Bool {
        Self.serverOwned.contains { name.equalsIgnoringCase($0) }
    }

    static func isToken(_ name: UnsafeRawBufferPointer) -> Bool {
        !name.isEmpty && name.count <= 256 && name.allSatisfy(Self.isTokenByte)
    }

    static func isValue(_ value: UnsafeRawBufferPointer) -> Bool {
        value.allSatisfy { ($0 >= 0x20 && $0 != 0x7f) || $0 == 0x09 }
    }

    /// At most 64 characters of a name that may hold anything, for an error text.
    static func printable(_ name: UnsafeRawBufferPointer) -> String {
        String(
            decoding: name.prefix(64).map { $0 >= 0x20 && $0 < 0x7f ? $0 : UInt8(ascii: "?") },
            as: UTF8.self
        )
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }
}
