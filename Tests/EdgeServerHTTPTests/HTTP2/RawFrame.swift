/// One HTTP/2 frame as it is on the wire, right or wrong.
struct RawFrame: Equatable {
    enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let priority: UInt8 = 2
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let pushPromise: UInt8 = 5
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    enum Flag {
        static let endStream: UInt8 = 0x1
        static let acknowledgement: UInt8 = 0x1
        static let endHeaders: UInt8 = 0x4
    }

    var kind: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    var bytes: [UInt8] {
        let count = self.payload.count
        return [UInt8(count >> 16 & 0xff), UInt8(count >> 8 & 0xff), UInt8(count & 0xff), self.kind, self.flags]
            + Self.word(self.stream) + self.payload
    }

    /// The first 32-bit number of the payload after `offset`: an error code, a last stream, an increment.
    func number(at offset: Int = 0) -> UInt32 {
        self.payload[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func word(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(number >> $0 & 0xff) }
    }

    static func settings(_ values: [(UInt16, UInt32)] = []) -> RawFrame {
        RawFrame(kind: Kind.settings, payload: values.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] + Self.word($1) })
    }

    static let settingsAcknowledgement = RawFrame(kind: Kind.settings, flags: Flag.acknowledgement)

    static func ping(_ isAnswer: Bool = false, _ payload: [UInt8] = Array("12345678".utf8)) -> RawFrame {
        RawFrame(kind: Kind.ping, flags: isAnswer ? Flag.acknowledgement : 0, payload: payload)
    }

    static func headers(
        _ stream: UInt32,
        _ fields: [(String, String)],
        isEnd: Bool = true,
        isWhole: Bool = true
    ) -> RawFrame {
        RawFrame(
            kind: Kind.headers,
            flags: (isEnd ? Flag.endStream : 0) | (isWhole ? Flag.endHeaders : 0),
            stream: stream,
            payload: Self.block(fields)
        )
    }

    static func get(_ stream: UInt32, _ path: String = "/", _ more: [(String, String)] = []) -> RawFrame {
        .headers(stream, Self.request("GET", path) + more)
    }

    static func post(_ stream: UInt32, _ path: String = "/", _ more: [(String, String)] = []) -> RawFrame {
        .headers(stream, Self.request("POST", path) + more, isEnd: false)
    }

    static func request(_ method: String, _ path: String = "/") -> [(String, String)] {
        [(":method", method), (":scheme", "http"), (":path", path), (":authority", "h")]
    }

    static func data(_ stream: UInt32, _ text: String = "", isEnd: Bool = false) -> RawFrame {
        RawFrame(kind: Kind.data, flags: isEnd ? Flag.endStream : 0, stream: stream, payload: Array(text.utf8))
    }

    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> RawFrame {
        RawFrame(kind: Kind.reset, stream: stream, payload: Self.word(code))
    }

    static func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> RawFrame {
        RawFrame(kind: Kind.windowUpdate, stream: stream, payload: Self.word(increment))
    }

    static func continuation(_ stream: UInt32, _ payload: [UInt8], isWhole: Bool) -> RawFrame {
        RawFrame(kind: Kind.continuation, flags: isWhole ? Flag.endHeaders : 0, stream: stream, payload: payload)
    }

    static func goAway() -> RawFrame {
        RawFrame(kind: Kind.goAway, payload: Self.word(0) + Self.word(0))
    }

    static func priority(_ stream: UInt32, dependsOn other: UInt32 = 0) -> RawFrame {
        RawFrame(kind: Kind.priority, stream: stream, payload: Self.word(other) + [16])
    }

    /// A header block of literals that no table remembers, not compressed.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { name, value in [0] + Self.string(Array(name.utf8)) + Self.string(Array(value.utf8)) }
    }

    static func string(_ text: [UInt8]) -> [UInt8] {
        guard text.count >= 127 else { return [UInt8(text.count)] + text }
        var length: [UInt8] = [127]
        var rest = text.count - 127
        while rest >= 128 {
            length.append(UInt8(rest & 0x7f | 0x80))
            rest >>= 7
        }
        return length + [UInt8(rest)] + text
    }

    /// Takes a whole frame from the front of `bytes`; nil where there is none.
    static func take(from bytes: inout [UInt8]) -> RawFrame? {
        guard bytes.count >= 9 else { return nil }
        let count = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
        guard bytes.count >= 9 + count else { return nil }
        let stream = bytes[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let frame = RawFrame(kind: bytes[3], flags: bytes[4], stream: stream, payload: Array(bytes[9..<(9 + count)]))
        bytes.removeFirst(9 + count)
        return frame
    }
}
