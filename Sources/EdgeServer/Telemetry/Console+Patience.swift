import Glibc

extension Console {
    /// Writes whole, but waits for a reader that has stalled only while `isPatient` says so.
    ///
    /// - Parameter isPatient: asked ten times a second while nothing can be written.
    /// - Returns: false where the reader was given up; a part may have been written.
    func write(bytes: [UInt8], while isPatient: () -> Bool) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                var descriptor = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&descriptor, 1, isPatient() ? 100 : 0) != 0 else {
                    if isPatient() { continue }
                    return false
                }
                // So much a pipe takes at once when it takes anything.
                let piece = rest.prefix(Int(PIPE_BUF))
                let count = Glibc.write(
                    self.descriptor,
                    UnsafeRawBufferPointer(rebasing: piece).baseAddress,
                    piece.count
                )
                if count < 0 && errno != EINTR { return true }
                rest = rest.dropFirst(max(0, count))
            }
            return true
        }
    }

    /// The line that stands for lines that nobody took.
    static func dropNotice(_ count: Int) -> String {
        "(\(count) lines were dropped: nobody reads fast enough)\n"
    }
}
