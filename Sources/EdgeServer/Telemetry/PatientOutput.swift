import Glibc

/// Standard output or error of a process that must not depend on who reads it: it waits for a reader that has stalled for as long as
/// it is told to.
///
/// A pipe or a terminal is opened anew where that is possible, so that a write that would wait fails instead, and other
/// processes' descriptors stay as they are. To be made before the sandbox is: it would not let a terminal be opened.
final class PatientOutput: Sendable {
    private enum Kind {
        /// Never waited for.
        case file
        case socket
        case pipeOrTerminal
    }

    private let descriptor: Int32
    private let kind: Kind
    /// Whether the descriptor is its own.
    private let isReopened: Bool
    /// How long the lines of a process that ends may wait for a reader.
    static let graceNanoseconds: UInt64 = 1_000_000_000

    init(_ console: Console) {
        var status = stat()
        fstat(console.descriptor, &status)
        self.kind =
            switch status.st_mode & S_IFMT {
            case S_IFIFO, S_IFCHR: .pipeOrTerminal
            case S_IFSOCK: .socket
            default: .file
            }
        let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_APPEND
        let opened = self.kind == .pipeOrTerminal ? open("/proc/self/fd/\(console.descriptor)", flags) : -1
        self.isReopened = opened >= 0
        self.descriptor = self.isReopened ? opened : console.descriptor
    }

    deinit {
        if self.isReopened { close(self.descriptor) }
    }

    /// Writes whole lines, in pieces that a pipe takes whole or not at all.
    ///
    /// - Parameter isPatient: asked while nothing can be written, ten times a second at least.
    /// - Returns: false where the reader was given up; a part may have been written.
    func write(_ bytes: [UInt8], while isPatient: () -> Bool) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = self.attempt(UnsafeRawBufferPointer(rebasing: rest.prefix(self.pieceSize(of: rest))))
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if errno == EAGAIN {
                    guard isPatient() else { return false }
                    self.wait(milliseconds: 100)
                } else if errno != EINTR {
                    // Nobody is there to be told.
                    return true
                }
            }
            return true
        }
    }

    /// Writes, for a second at most, what a process says last.
    func writeInTime(_ text: String, now: @escaping () -> UInt64) {
        let deadline = now() + Self.graceNanoseconds
        _ = self.write(Array(text.utf8)) { now() < deadline }
    }

    private func pieceSize(of rest: Slice<UnsafeRawBufferPointer>) -> Int {
        let most = Int(PIPE_BUF)
        guard self.kind != .file, rest.count > most else { return rest.count }
        let end = rest.prefix(most).lastIndex(of: UInt8(ascii: "\n"))
        return end.map { $0 + 1 - rest.startIndex } ?? most
    }

    /// What `write` gives; -1 and EAGAIN where it would wait.
    private func attempt(_ piece: UnsafeRawBufferPointer) -> Int {
        switch self.kind {
        case .socket:
            return send(self.descriptor, piece.baseAddress, piece.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        case .pipeOrTerminal where !self.isReopened && !self.wait(milliseconds: 0):
            errno = EAGAIN
            return -1
        case .file, .pipeOrTerminal:
            return Glibc.write(self.descriptor, piece.baseAddress, piece.count)
        }
    }

    /// Whether something can be written, or writing fails.
    @discardableResult
    private func wait(milliseconds: Int32) -> Bool {
        var descriptor = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&descriptor, 1, milliseconds) > 0
    }

    /// The line that stands for lines that nobody took.
    static func dropNotice(_ count: Int) -> String {
        "(\(count) lines were dropped: nobody reads fast enough)\n"
    }
}
