import Glibc

/// A blocking client for one connection. Calls give up after ten seconds, so that a test fails rather than hangs.
final class SocketClient {
    struct Failure: Error {
        var step: String
        var code: Int32
    }

    private var descriptor: Int32
    private var unread: [UInt8] = []

    /// - Parameters:
    ///   - receiveBuffer: the size of the kernel's receive buffer in bytes, nil for the default.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard self.descriptor >= 0 else { throw Failure(step: "socket", code: errno) }
        if var size = receiveBuffer {
            setsockopt(self.descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(step: "connect", code: errno) }
        // Only now: a signal would end a connect that has a limit.
        var limit = timeval(tv_sec: 10, tv_usec: 0)
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

    func closeOutput() {
        _ = shutdown(self.descriptor, Int32(SHUT_WR))
    }

    func send(_ text: String) throws {
        try self.send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Failure(step: "send", code: errno) }
            sent += count
        }
    }

    /// More input; false at its end.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        var count: Int
        repeat {
            // A tick of the guard may come in between: the thread may have run isolates before.
            count = recv(self.descriptor, &buffer, buffer.count, 0)
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw Failure(step: "receive", code: errno) }
        self.unread += buffer[..<count]
        return count > 0
    }

    /// The head of the next response, blank line included.
    func readHead() throws -> String {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let start = self.unread.indices.first(where: { self.unread[$0...].starts(with: end) }) {
                let head = String(decoding: self.unread[...(start + 3)], as: UTF8.self)
                self.unread.removeFirst(start + 4)
                return head
            }
            guard try self.receive() else { throw Failure(step: "head", code: 0) }
        }
    }

    func read(count: Int) throws -> String {
        while self.unread.count < count {
            guard try self.receive() else { throw Failure(step: "body", code: 0) }
        }
        let text = String(decoding: self.unread[..<count], as: UTF8.self)
        self.unread.removeFirst(count)
        return text
    }

    /// The next response with a `content-length`: status line and body.
    func readResponse() throws -> (status: String, head: String, body: String) {
        let head = try self.readHead()
        let lines = head.split(separator: "\r\n")
        let length = lines.first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
        return (String(lines[0].dropFirst(9)), head, try self.read(count: length))
    }

    /// All input to its end.
    func readToEnd() throws -> String {
        while try self.receive() {}
        defer { self.unread = [] }
        return String(decoding: self.unread, as: UTF8.self)
    }
}
