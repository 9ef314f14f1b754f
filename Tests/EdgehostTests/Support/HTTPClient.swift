import Glibc

/// A response, whole.
struct Response: Equatable {
    var status: Int
    var head: String
    var body: String

    func header(_ name: String) -> String? {
        self.head.split(separator: "\r\n").lazy
            .first { $0.lowercased().hasPrefix(name + ":") }
            .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}

/// A blocking HTTP client of one connection. Calls give up after a minute, so that a test fails rather than hangs.
final class HTTPClient {
    private var descriptor: Int32
    private var unread: [UInt8] = []

    init(port: Int) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard self.descriptor >= 0 else { throw Failure("socket: errno \(errno)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure("connect: errno \(errno)") }
        // Only now: a signal would end a connect that has a limit.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(self.descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit {
        self.close()
    }

    func close() {
        guard self.descriptor >= 0 else { return }
        _ = Glibc.close(self.descriptor)
        self.descriptor = -1
    }

    /// Closes with a reset instead of an orderly end.
    func reset() {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
        self.close()
    }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Failure("send: errno \(errno)") }
            sent += count
        }
    }

    func sendRequest(_ method: String = "GET", _ path: String, body: String? = nil) throws {
        let length = body.map { "content-length: \($0.utf8.count)\r\n" } ?? ""
        try self.send("\(method) \(path) HTTP/1.1\r\nhost: localhost\r\n\(length)\r\n\(body ?? "")")
    }

    func request(_ method: String = "GET", _ path: String, body: String? = nil) throws -> Response {
        try self.sendRequest(method, path, body: body)
        return try self.readResponse()
    }

    func readResponse() throws -> Response {
        let head = try self.read(through: "\r\n\r\n")
        guard let status = Int(head.split(separator: " ")[1]) else { throw Failure("no status: \(head)") }
        var response = Response(status: status, head: head, body: "")
        if response.header("transfer-encoding") == "chunked" {
            while let chunk = try self.readChunk() { response.body += chunk }
        } else {
            response.body = try self.read(count: Int(response.header("content-length") ?? "0") ?? 0)
        }
        return response
    }

    /// The next chunk of a streamed response; nil at its end.
    func readChunk() throws -> String? {
        let line = try self.read(through: "\r\n")
        guard let size = Int(line.dropLast(1), radix: 16) else { throw Failure("no chunk size: \(line)") }
        let chunk = try self.read(count: size)
        _ = try self.read(through: "\r\n")
        return size == 0 ? nil : chunk
    }

    func readToEnd() throws -> String {
        while try self.receive() {}
        defer { self.unread = [] }
        return String(decoding: self.unread, as: UTF8.self)
    }

    func read(through end: String) throws -> String {
        let end = Array(end.utf8)
        while true {
            if let start = self.unread.indices.first(where: { self.unread[$0...].starts(with: end) }) {
                return try self.read(count: start + end.count)
            }
            guard try self.receive() else { throw Failure("the server closed the connection") }
        }
    }

    private func read(count: Int) throws -> String {
        while self.unread.count < count {
            guard try self.receive() else { throw Failure("the server closed the connection") }
        }
        defer { self.unread.removeFirst(count) }
        return String(decoding: self.unread[..<count], as: UTF8.self)
    }

    /// More input; false at its end.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var count: Int
        repeat {
            // A tick of the guard may come in between: the thread may have run isolates for another test.
            count = recv(self.descriptor, &buffer, buffer.count, 0)
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw Failure("receive: errno \(errno)") }
        self.unread += buffer[..<count]
        return count > 0
    }
}
