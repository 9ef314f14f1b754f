/// Finds the ends of HTTP/1.1 responses in bytes that arrive in any pieces. It reads what a load generator must know and
/// believes the rest: the status, the framing, whether the connection stays open.
struct ResponseScanner {
    struct Response: Equatable {
        var status: Int
        /// Whether the next request may use the same connection.
        var isPersistent: Bool
    }

    enum Malformed: Error, Equatable {
        case head
        case headTooLong
        case chunk
    }

    private enum State {
        case head
        case length(Int)
        case chunkSize
        case chunkData(Int)
        /// The CRLF after a chunk.
        case chunkEnd
        case trailers
        /// The connection's end is the body's.
        case close
    }

    static let maximumHead = 64 << 10
    private static let maximumLine = 8 << 10

    /// Whether the requests are HEAD: their responses have no body, whatever the fields say.
    private let isHead: Bool
    private var state = State.head
    /// The start of a head or of a line whose end has not arrived.
    private var partial: [UInt8] = []
    private var response = Response(status: 0, isPersistent: true)

    init(isHead: Bool = false) {
        self.isHead = isHead
    }

    /// Whether a response has begun and not ended.
    var isInside: Bool {
        if case .head = self.state { return !self.partial.isEmpty }
        return true
    }

    /// Takes bytes from the front of `input` up to the end of a response.
    ///
    /// - Returns: how many it took, all of them where no response ended, and the response that ended.
    mutating func scan(_ input: UnsafeRawBufferPointer) throws(Malformed) -> (consumed: Int, response: Response?) {
        var offset = 0
        while offset < input.count {
            let rest = UnsafeRawBufferPointer(rebasing: input[offset...])
            switch self.state {
            case .head:
                offset += try self.scanHead(rest)
                if case .head = self.state, self.partial.isEmpty, self.response.status >= 200 {
                    return (offset, self.take())
                }
            case .length(let left):
                let count = min(left, rest.count)
                offset += count
                self.state = .length(left - count)
                if count == left { return (offset, self.take()) }
            case .chunkData(let left):
                let count = min(left, rest.count)
                offset += count
                self.state = count == left ? .chunkEnd : .chunkData(left - count)
            case .chunkSize, .chunkEnd, .trailers:
                let (count, line) = try self.scanLine(rest)
                offset += count
                if let line, try self.endsBody(line) { return (offset, self.take()) }
            case .close:
                return (input.count, nil)
            }
        }
        return (offset, nil)
    }

    /// The connection ended.
    ///
    /// - Returns: the response whose end that is, if there is one.
    mutating func end() -> Response? {
        guard case .close = self.state else { return nil }
        return self.take()
    }

    private mutating func take() -> Response {
        defer {
            self.state = .head
            self.response = Response(status: 0, isPersistent: true)
        }
        return self.response
    }

    /// Takes bytes up to the empty line that ends a head.
    private mutating func scanHead(_ rest: UnsafeRawBufferPointer) throws(Malformed) -> Int {
        if self.partial.isEmpty, let end = Self.endOfHead(rest, from: 0) {
            try self.parseHead(UnsafeRawBufferPointer(rebasing: rest[..<end]))
            return end
        }
        let known = self.partial.count
        self.partial.append(contentsOf: rest.prefix(Self.maximumHead + 1 - min(known, Self.maximumHead)))
        let head = self.partial
        let end = head.withUnsafeBytes { Self.endOfHead($0, from: known) }
        guard let end else {
            guard head.count <= Self.maximumHead else { throw .headTooLong }
            return rest.count
        }
        self.partial = []
        let parsed = head.withUnsafeBytes { bytes in
            Result { () throws(Malformed) in
                try self.parseHead(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
            }
        }
        try parsed.get()
        return end - known
    }

    /// The offset behind the first CRLF CRLF that ends at `start` or later.
    private static func endOfHead(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var offset = start
        while let found = FieldText.firstIndex(of: 0x0a, in: UnsafeRawBufferPointer(rebasing: bytes[offset...])) {
            let end = offset + found
            if end >= 3, bytes[end - 1] == 0x0d, bytes[end - 2] == 0x0a, bytes[end - 3] == 0x0d { return end + 1 }
            offset = end + 1
        }
        return nil
    }

    /// Reads a whole head, its empty line included.
    private mutating func parseHead(_ head: UnsafeRawBufferPointer) throws(Malformed) {
        // HTTP/1.1 200
        guard head.count >= 16, FieldText.hasPrefix(head, "http/1."), head[8] == 0x20,
            let status = Self.number(UnsafeRawBufferPointer(rebasing: head[9..<12]), radix: 10), status >= 100
        else { throw .head }
        self.response = Response(status: status, isPersistent: head[7] == UInt8(ascii: "1"))
        var length: Int?
        var isChunked = false
        for line in head.split(separator: 0x0a).dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
            let value = Self.value(line[(colon + 1)...])
            // Few fields matter, and their first letters tell the others apart.
            switch line[line.startIndex] | 0x20 {
            case UInt8(ascii: "c"):
                if FieldText.equals(name, "content-length") {
                    length = Self.number(value, radix: 10)
                    if length == nil { throw .head }
                } else if FieldText.equals(name, "connection") {
                    if FieldText.equals(value, "close") { self.response.isPersistent = false }
                    if FieldText.equals(value, "keep-alive") { self.response.isPersistent = true }
                }
            case UInt8(ascii: "t"):
                if FieldText.equals(name, "transfer-encoding") { isChunked = true }
            default: break
            }
        }
        self.begin(length: length, isChunked: isChunked)
    }

    private mutating func begin(length: Int?, isChunked: Bool) {
        let status = self.response.status
        if status < 200 || self.isHead || status == 204 || status == 304 {
            self.state = .head
        } else if isChunked {
            self.state = .chunkSize
        } else if let length {
            // A body of no bytes ends here.
            self.state = length == 0 ? .head : .length(length)
        } else {
            self.response.isPersistent = false
            self.state = .close
        }
    }

    /// The next line without its LF; nil where its end has not arrived.
    private mutating func scanLine(_ rest: UnsafeRawBufferPointer) throws(Malformed) -> (Int, [UInt8]?) {
        let lineFeed = rest.firstIndex(of: 0x0a)
        self.partial.append(contentsOf: rest[..<min(lineFeed ?? rest.count, Self.maximumLine)])
        guard self.partial.count < Self.maximumLine else { throw .chunk }
        guard let lineFeed else { return (rest.count, nil) }
        defer { self.partial = [] }
        return (lineFeed + 1, self.partial.last == 0x0d ? self.partial.dropLast() : self.partial)
    }

    /// Whether a line of the chunked coding is its last.
    private mutating func endsBody(_ line: [UInt8]) throws(Malformed) -> Bool {
        switch self.state {
        case .chunkSize:
            let digits = line[...].prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 }
            guard
                let size = line.withUnsafeBytes({
                    Self.number(UnsafeRawBufferPointer(rebasing: $0[..<digits.count]), radix: 16)
                })
            else { throw .chunk }
            self.state = size == 0 ? .trailers : .chunkData(size)
        case .chunkEnd:
            guard line.isEmpty else { throw .chunk }
            self.state = .chunkSize
        default:
            return line.isEmpty
        }
        return false
    }

    /// A field's value without the blanks around it and the CR behind it.
    private static func value(_ bytes: Slice<UnsafeRawBufferPointer>) -> UnsafeRawBufferPointer {
        FieldText.trimmed(UnsafeRawBufferPointer(rebasing: bytes.last == 0x0d ? bytes.dropLast() : bytes))
    }

    private static func number(_ digits: UnsafeRawBufferPointer, radix: Int) -> Int? {
        guard !digits.isEmpty, digits.count <= 15 else { return nil }
        var number = 0
        for byte in digits {
            let digit =
                switch byte {
                case 0x30...0x39: Int(byte) - 0x30
                case 0x41...0x46: Int(byte) - 0x37
                case 0x61...0x66: Int(byte) - 0x57
                default: radix
                }
            guard digit < radix else { return nil }
            number = number * radix + digit
        }
        return number
    }
}
