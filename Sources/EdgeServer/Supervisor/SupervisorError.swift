import Glibc

/// Why a server can't run below a parent process.
public struct SupervisorError: Error, Equatable, CustomStringConvertible {
    public let description: String

    /// - Parameter action: what could not be done, as in "can't ACTION".
    init(_ action: String, errno code: Int32) {
        self.description =
            "can't \(action): \(String(cString: strerror(code))); --no-parent runs without a parent process"
    }

    init(description: String) {
        self.description = description
    }
}
