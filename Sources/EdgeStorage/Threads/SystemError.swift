import Glibc

/// Texts and codes of `errno` values.
enum SystemError {
    static func text(_ code: Int32) -> String {
        // glibc's strerror is thread-safe from 2.32 on; Debian 12 has 2.36.
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }

    static func code(_ code: Int32) -> KVError.Code {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: .storeFull
        case EACCES, EPERM, EROFS: .permissionDenied
        default: .io
        }
    }

    /// The error of the last system call of this thread.
    static func last(_ action: String, _ path: String) -> KVError {
        let code = errno
        return KVError(Self.code(code), "cannot \(action) '\(path)': \(Self.text(code))")
    }
}
