import Glibc

/// One connection to the server, blocking.
final class HostileClient {
    private let descriptor: Int32
    private var unread: [UInt8] = []
    private(set) var isOpen = true

    /// Longer than any limit of a script: beyond it the server hangs.
    private static let timeoutSeconds = 60

    init(port: Int) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard self.descriptor >= 0 else { throw HostileError("socket failed with errno \(errno)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw HostileError("connect failed with errno \(errno)") }
        // Only now: a signal would end a connect that has a limit.
        var limit = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(self.descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit {
        close(self.descriptor)
    }

    func send(_ method: String, _ target: String, body: String = "") throws {
        let bytes = Array(
            """
            \(method) \(target) HTTP/1.1\r
            host: localhost\r
            content-type: application/x-www-form-urlencoded\r
            content-length: \(body.utf8.count)\r
            \r
            \(body)
            """.utf8
        )
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw HostileError("send failed with errno \(errno)") }
            sent += count
        }
    }

    /// Reads one response, whole or broken off.
    func receive() throws -> HostileResponse {
        let statusLine = try self.readLine()
        let words = statusLine.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw HostileError("'\(statusLine.prefix(100))' is no status line")
        }
        var response = HostileResponse(status: status)
        while case let line = try self.readLine(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else {
                throw HostileError("'\(line.prefix(100))' is no header")
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            response.headers[line[..<colon].lowercased()] = String(value)
        }
        self.isOpen = response.headers["connection"] != "close"
        do {
            try self.readBody(of: &response)
        } catch is EndOfInput {
            response.isBroken = true
            self.isOpen = false
        }
        return response
    }

    private struct EndOfInput: Error {}

    private func readBody(of response: inout HostileResponse) throws {
        if response.status == 204 || response.status == 304 { return }
        if let length = response.headers["content-length"].flatMap({ Int($0) }) {
            response.body = try self.read(length)
            return
        }
        guard response.headers["transfer-encoding"] == "chunked" else {
            throw HostileError("a body has neither length nor chunks")
        }
        while true {
            let line = try self.readLine()
            guard let count = Int(line, radix: 16) else { throw HostileError("'\(line.prefix(100))' is no chunk size") }
            let chunk = try self.read(count)
            guard try self.readLine().isEmpty else { throw HostileError("a chunk is longer than its size") }
            if count == 0 { return }
            response.body += chunk
        }
    }

    private func readLine() throws -> String {
        while true {
            if let end = self.unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { self.unread.removeFirst(end + 1) }
                guard end > 0, self.unread[end - 1] == UInt8(ascii: "\r") else {
                    throw HostileError("a line ends in LF without CR")
                }
                return String(decoding: self.unread[..<(end - 1)], as: UTF8.self)
            }
            try self.readMore()
        }
    }

    private func read(_ count: Int) throws -> [UInt8] {
        while self.unread.count < count {
            try self.readMore()
        }
        defer { self.unread.removeFirst(count) }
        return Array(self.unread[..<count])
    }

    private func readMore() throws {
        let count = withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { buffer in
            var count = -1
            repeat {
                // A tick of the guard may come in between: the thread may have run isolates before.
                count = recv(self.descriptor, buffer.baseAddress, buffer.count, 0)
            } while count < 0 && errno == EINTR
            self.unread += buffer.prefix(max(0, count))
            return count
        }
        // A reset ends a response as well as a close does.
        if count == 0 || (count < 0 && errno == ECONNRESET) { throw EndOfInput() }
        guard count > 0 else { throw HostileError("no answer: recv failed with errno \(errno)") }
    }
}
