/// One thing wrong with, or worth saying about, the files of a workers directory.
///
/// Prints as `workers/cart.lua:12: message`, without the line where none is known.
public struct LoadDiagnostic: Sendable, Hashable, CustomStringConvertible {
    public enum Severity: Sendable, Hashable {
        /// What it speaks of can't be loaded.
        case error
        /// Everything loads; the author may have meant something else.
        case hint
    }

    public var severity: Severity
    /// The worker that is affected; nil when it concerns all (a shared module, a folder that is no worker).
    public var worker: String?
    /// The display path of the file or folder, for example `workers/cart.lua`.
    public var file: String
    /// Line number from 1.
    public var line: Int?
    public var message: String

    public init(_ severity: Severity, worker: String? = nil, file: String, line: Int? = nil, message: String) {
        self.severity = severity
        self.worker = worker
        self.file = file
        self.line = line
        self.message = message
    }

    public var description: String {
        if let line = self.line { return "\(self.file):\(line): \(self.message)" }
        return "\(self.file): \(self.message)"
    }
}

/// Why a workers directory as a whole could not be read.
public struct LoadError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// There is no such directory.
        case missing
        /// It exists, but is no directory or may not be read.
        case unreadable
        /// It holds more than the limits allow.
        case tooLarge
    }

    public let code: Code
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
