import Glibc
import Synchronization

/// A server process's connection to its parent, and what it takes over from the process before.
public final class SupervisorLink: Sendable {
    /// How a parent tells a process it starts anew (rather than forks) about the inherited descriptors.
    static let variable = "EDGEHOST_SUPERVISOR"
    /// Raised when a new server process could no longer work with an old parent.
    private static let version = 1

    let control: ControlSocket
    /// A listening socket; nil in the first process.
    let listener: Int32?
    /// The open lock file of the store; nil in the first process.
    let lock: Int32?
    private let hasReportedFault = Atomic(false)
    /// What came while this process waited for its turn.
    private let early = Mutex<[ControlMessage]>([])

    init(control: ControlSocket, listener: Int32?, lock: Int32?) {
        self.control = control
        self.listener = listener
        self.lock = lock
    }

    /// The process id of the service.
    var parent: pid_t { getppid() }

    /// Tells the parent that this process serves, and gives it the means to let the next one do so.
    ///
    /// - Throws: where the parent is gone.
    func ready(listener: Int32, lock: Int32?) throws(SupervisorError) {
        guard let lock else { throw SupervisorError(description: "the store is not open: its disk does not work") }
        guard self.control.send(.ready, descriptors: [listener, lock]) else {
            throw SupervisorError("tell the parent process that the server is ready", errno: errno)
        }
    }

    /// Where the inherited socket has the port that is wanted: tells the parent that this process is ready, waits until no
    /// other one accepts connections from the socket, and returns it. nil where the server has to listen anew.
    func takeTurn(for endpoint: HTTPEndpoint, lock: Int32?) throws(SupervisorError) -> Int32? {
        guard let listener = self.listener else { return nil }
        guard endpoint.port == 0 || Self.port(of: listener) == endpoint.port else {
            close(listener)
            return nil
        }
        try self.ready(listener: listener, lock: lock)
        self.waitForTurn()
        return listener
    }

    /// Returns early where this process has to end.
    private func waitForTurn() {
        while true {
            var descriptor = pollfd(fd: self.control.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&descriptor, 1, -1)
            switch self.control.receive() {
            case .message(.serve, _), .end:
                return
            case .message(.handOver, _):
                // Replaced before its turn: it has accepted nothing and has nothing to finish.
                self.reportReleased()
                exit(0)
            case .message(let message, _):
                self.early.withLock { if !$0.contains(message) { $0.append(message) } }
                if message == .stop { return }
            case .nothing:
                break
            }
        }
    }

    /// The next message of the parent.
    func receive() -> ControlSocket.Received {
        if let message = self.early.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            return .message(message, descriptors: [])
        }
        return self.control.receive()
    }

    /// Tells the parent that this process accepts no connection any more.
    func reportReleased() {
        // A parent that does not read gives the next process its turn after a while.
        _ = self.control.send(.released)
    }

    /// Asks the parent for another process in this one's place. Once is enough: the parent remembers.
    func reportFault() {
        guard !self.hasReportedFault.exchange(true, ordering: .relaxed) else { return }
        // A parent that does not read is gone, or about to restart this process anyway.
        _ = self.control.send(.faulted)
    }

    private static func port(of socket: Int32) -> Int? {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &address) { bytes -> Int? in
            guard let base = bytes.baseAddress,
                getsockname(socket, base.assumingMemoryBound(to: sockaddr.self), &size) == 0
            else { return nil }
            // The port lies at the same place in addresses of both families.
            return Int(UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self)))
        }
    }
}

// MARK: - Through exec
extension SupervisorLink {
    /// What ``variable`` says: the version and three descriptors, -1 for none.
    var environmentValue: String {
        "\(Self.version):\(self.control.descriptor):\(self.listener ?? -1):\(self.lock ?? -1)"
    }

    /// The link of a process that a parent has started anew; nil for one that a user has started.
    ///
    /// - Throws: where the parent is of a version that this executable can't work with.
    static func inherited() throws(SupervisorError) -> SupervisorLink? {
        guard let text = getenv(Self.variable).map({ String(cString: $0) }) else { return nil }
        unsetenv(Self.variable)
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { Int32($0) }
        guard numbers.first == Int32(Self.version) else {
            throw SupervisorError(
                description:
                    "the parent process (\(Self.variable)=\(text)) is of another version: stop it, then start anew"
            )
        }
        guard numbers.count == 4, let control = numbers[1], let listener = numbers[2], let lock = numbers[3],
            [control, listener, lock].allSatisfy({ $0 == -1 || fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }), control >= 0
        else {
            throw SupervisorError(description: "\(Self.variable)=\(text) is not from a parent process: unset it")
        }
        return SupervisorLink(
            control: ControlSocket(descriptor: control),
            listener: listener >= 0 ? listener : nil,
            lock: lock >= 0 ? lock : nil
        )
    }

    /// Lets the descriptors live through exec, and puts them into the environment.
    func bequeath() {
        for descriptor in [self.control.descriptor, self.listener ?? -1, self.lock ?? -1] where descriptor >= 0 {
            _ = fcntl(descriptor, F_SETFD, 0)
        }
        setenv(Self.variable, self.environmentValue, 1)
    }
}
