import Glibc

/// A blocking HTTP/1.1 client for one connection, which trusts nothing and adds nothing. It gives up after ten seconds, so
/// that a test fails rather than hangs.
final class WireClient: FixtureClient {
    private let descriptor: Int32
    private var unread: [UInt8] = []
    /// Whether another request may be sent.
    private(set) var isOpen = true

    init(port: Int) throws {
        self.descriptor = try WireSocket.connect(port: port)
    }

    deinit {
        close(self.descriptor)
    }

    func send(_ request: FixtureRequest) throws {
        var head = "\(request.method) \(request.target) HTTP/\(request.version)\r\n"
        for (name, value) in request.allHeaders {
            head += "\(name): \(value)\r\n"
        }
        var bytes = Array((head + "\r\n").utf8)
        if let size = request.chunkBytes {
            for start in stride(from: 0, to: request.body.count, by: size) {
                let chunk = request.body[start..<min(start + size, request.body.count)]
                bytes += Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + [13, 10]
            }
            bytes += Array("0\r\n\r\n".utf8)
        } else {
            bytes += request.body
        }
        WireSocket.send(bytes, to: self.descriptor)
    }

    func receive(to request: FixtureRequest) throws -> ActualResponse {
        let lines = try self.readHead()
        let statusLine = lines[0].split(separator: " ", maxSplits: 2)
        guard statusLine.count >= 2, statusLine[0] == "HTTP/1.1", let status = Int(statusLine[1]) else {
            throw FixtureError("the status line is '\(lines[0])'")
        }
        var response = ActualResponse(status: status)
        for line in lines.dropFirst() {
            let (name, value) = try HeaderLine.read(line, line: 0)
            response.headers.append((name, value))
        }
        func field(_ name: String) -> String? { response.headers.first { $0.name == name }?.value }
        self.isOpen = field("connection") != "close"
        if request.method == "HEAD" || status == 204 || status == 304 { return response }
        if field("transfer-encoding") == "chunked" {
            response.isBroken = try !self.readChunks(into: &response.body)
        } else if let length = field("content-length").flatMap({ Int($0) }) {
            response.body = try self.read(length)
        } else {
            while try self.receive() {}
            response.body = self.unread
            self.isOpen = false
        }
        return response
    }

    private func readHead() throws -> [Substring] {
        var lines: [Substring] = []
        while true {
            let line = try self.readLine()
            if line.isEmpty { return lines }
            lines.append(line)
        }
    }

    /// A line without its CRLF, which it must have.
    private func readLine() throws -> Substring {
        while true {
            if let end = self.unread.firstIndex(of: 10) {
                guard end > 0, self.unread[end - 1] == 13 else { throw FixtureError("a line ends in LF without CR") }
                defer { self.unread.removeFirst(end + 1) }
                return String(decoding: self.unread[..<(end - 1)], as: UTF8.self)[...]
            }
            guard try self.receive() else { throw FixtureError("the connection ended inside a response") }
        }
    }

    /// False where the last chunk is missing.
    private func readChunks(into body: inout [UInt8]) throws -> Bool {
        while true {
            while !self.unread.contains(10) {
                guard try self.receive() else {
                    self.isOpen = false
                    return false
                }
            }
            guard let count = Int(try self.readLine(), radix: 16) else { throw FixtureError("a chunk has no size") }
            body += try self.read(count)
            guard try self.readLine().isEmpty else { throw FixtureError("a chunk is longer than its size") }
            if count == 0 { return true }
        }
    }

    private func read(_ count: Int) throws -> [UInt8] {
        while self.unread.count < count {
            guard try self.receive() else { throw FixtureError("the connection ended inside a body") }
        }
        defer { self.unread.removeFirst(count) }
        return Array(self.unread[..<count])
    }

    /// More input; false at its end.
    private func receive() throws -> Bool {
        let more = try WireSocket.receive(from: self.descriptor)
        self.unread += more
        return !more.isEmpty
    }
}
