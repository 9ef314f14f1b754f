import Glibc
import NIOCore
import NIOHPACK

/// A blocking HTTP/2 client for one cleartext connection, one request at a time. It gives up after ten seconds, so that a
/// test fails rather than hangs.
final class HTTP2WireClient: FixtureClient {
    private struct Frame {
        var kind: UInt8
        var flags: UInt8
        var stream: Int
        var payload: ArraySlice<UInt8>

        var endsStream: Bool { self.flags & 0x1 != 0 }
    }

    private let descriptor: Int32
    private var unread: [UInt8] = []
    private var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
    private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
    private var stream = -1
    private(set) var isOpen = true

    init(port: Int) throws {
        self.descriptor = try WireSocket.connect(port: port)
        WireSocket.send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), to: self.descriptor)
        // No limit but the protocol's own to what the server may send ahead.
        let largest: [UInt8] = [0x7f, 0xff, 0xff, 0xff]
        self.send(kind: 4, stream: 0, [0, 4] + largest)
        self.send(kind: 8, stream: 0, [0x7f, 0xff, 0, 0])
    }

    deinit {
        close(self.descriptor)
    }

    func send(_ request: FixtureRequest) throws {
        self.stream += 2
        var headers = HPACKHeaders()
        headers.add(name: ":method", value: request.method)
        headers.add(name: ":scheme", value: "http")
        headers.add(name: ":path", value: request.target)
        for (name, value) in request.allHeaders where name.lowercased() != "transfer-encoding" {
            headers.add(name: name.lowercased() == "host" ? ":authority" : name.lowercased(), value: value)
        }
        var block = ByteBuffer()
        try self.encoder.encode(headers: headers, to: &block)
        let hasBody = !request.body.isEmpty || request.chunkBytes != nil
        // A block longer than a frame goes on in CONTINUATION frames.
        var rest = Array(block.readableBytesView)[...]
        var kind: UInt8 = 1
        repeat {
            let piece = rest.prefix(16_384)
            rest = rest.dropFirst(piece.count)
            let flags: UInt8 = (rest.isEmpty ? 0x4 : 0) | (kind == 1 && !hasBody ? 0x1 : 0)
            self.send(kind: kind, flags: flags, stream: self.stream, Array(piece))
            kind = 9
        } while !rest.isEmpty
        guard hasBody else { return }
        let size = min(request.chunkBytes ?? 16_384, 16_384)
        for start in stride(from: 0, to: request.body.count, by: size) {
            let piece = request.body[start..<min(start + size, request.body.count)]
            self.send(kind: 0, stream: self.stream, Array(piece))
        }
        self.send(kind: 0, flags: 1, stream: self.stream, [])
    }

    func receive(to request: FixtureRequest) throws -> ActualResponse {
        var response = ActualResponse(status: 0)
        while true {
            let frame = try self.readFrame()
            if frame.kind == 4, frame.flags == 0 { self.send(kind: 4, flags: 1, stream: 0, []) }
            if frame.kind == 7 { self.isOpen = false }
            guard frame.stream == self.stream else { continue }
            switch frame.kind {
            case 0:
                response.body += frame.payload
                if frame.endsStream { return response }
            case 1:
                guard frame.flags & 0x4 != 0 else { throw FixtureError("a response head in several frames") }
                var block = ByteBuffer(bytes: frame.payload)
                for (name, value, _) in try self.decoder.decodeHeaders(from: &block) {
                    if name == ":status" {
                        response.status = Int(value) ?? 0
                    } else {
                        response.headers.append((name, value))
                    }
                }
                if frame.endsStream { return response }
            case 3:
                response.isBroken = true
                return response
            default:
                break
            }
        }
    }

    private func send(kind: UInt8, flags: UInt8 = 0, stream: Int, _ payload: [UInt8]) {
        let count = payload.count
        let header = [UInt8(count >> 16), UInt8(count >> 8 & 0xff), UInt8(count & 0xff), kind, flags]
        let id = [24, 16, 8, 0].map { UInt8(stream >> $0 & 0xff) }
        WireSocket.send(header + id + payload, to: self.descriptor)
    }

    private func readFrame() throws -> Frame {
        try self.fill(9)
        let count = Int(self.unread[0]) << 16 | Int(self.unread[1]) << 8 | Int(self.unread[2])
        try self.fill(9 + count)
        defer { self.unread.removeFirst(9 + count) }
        return Frame(
            kind: self.unread[3],
            flags: self.unread[4],
            stream: self.unread[5..<9].reduce(0) { $0 << 8 | Int($1) },
            payload: self.unread[9..<(9 + count)]
        )
    }

    private func fill(_ count: Int) throws {
        while self.unread.count < count {
            let more = try WireSocket.receive(from: self.descriptor)
            guard !more.isEmpty else { throw FixtureError("the connection ended inside a response") }
            self.unread += more
        }
    }
}
