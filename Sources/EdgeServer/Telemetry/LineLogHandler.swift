import Glibc
import Logging

/// Log lines on standard error: `2026-01-31T12:00:00.123Z info message key=value ...`.
public struct LineLogHandler: LogHandler {
    public var logLevel = Logger.Level.info
    public var metadata = Logger.Metadata()

    private let write: @Sendable (String) -> Void

    /// - Parameter write: takes a line without its end.
    public init(level: Logger.Level = .info, write: @escaping @Sendable (String) -> Void = { Console.error.line($0) }) {
        self.logLevel = level
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var line = "\(Self.timestamp()) \(event.level) \(Self.printable("\(event.message)"))"
        let merged = self.metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in merged.sorted(by: { $0.key < $1.key }) {
            line += " \(Self.printable(key))=\(Self.quoted("\(value)"))"
        }
        self.write(line)
    }

    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = "\(number)"
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1, 2))-"
        let time = "\(padded(Int(parts.tm_mday), 2))T\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2))"
        return date + time + ":\(padded(Int(parts.tm_sec), 2)).\(padded(now.tv_nsec / 1_000_000, 3))Z"
    }

    /// Line breaks and other control characters would let a guest forge lines.
    private static func printable(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return text }
        return text.unicodeScalars.map { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f: "?"
            default: String(scalar)
            }
        }.joined()
    }

    private static func quoted(_ text: String) -> String {
        let plain = !text.isEmpty && !text.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: "\"") || $0 == 0x7f }
        if plain { return text }
        let escaped = Self.printable(text).split(separator: "\"", omittingEmptySubsequences: false)
        return "\"" + escaped.joined(separator: "\\\"") + "\""
    }
}
