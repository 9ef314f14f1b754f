import Glibc

/// The terminal of a command: lines for people on standard output, problems on standard error.
public struct Console: Sendable {
    let descriptor: Int32

    public static let output = Console(descriptor: STDOUT_FILENO)
    public static let error = Console(descriptor: STDERR_FILENO)

    /// Writes whole, in one system call where the kernel takes it so: lines of several threads don't mix.
    public func write(_ text: String) {
        self.write(bytes: Array(text.utf8))
    }

    public func line(_ text: String) {
        self.write(text + "\n")
    }

    /// A line about what went wrong.
    public func failure(_ problem: Any) {
        self.line("edgehost: \(problem)")
    }

    public func write(bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(self.descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno != EINTR { return }
                rest = rest.dropFirst(max(0, count))
            }
        }
    }
}
