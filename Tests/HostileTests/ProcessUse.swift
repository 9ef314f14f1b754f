import EdgeRuntime
import Glibc

/// What this process holds of the system.
struct ProcessUse {
    var descriptors: Int
    var threads: Int
    var residentBytes: Int

    static func now() throws -> ProcessUse {
        guard let file = fopen("/proc/self/statm", "r") else { throw HostileError("/proc/self/statm: errno \(errno)") }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 256)
        guard fgets(&text, Int32(text.count), file) != nil else { throw HostileError("/proc/self/statm is empty") }
        let words = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(separator: " ")
        guard words.count > 1, let pages = Int(words[1]) else { throw HostileError("/proc/self/statm has no figures") }
        return ProcessUse(
            descriptors: try FileSystem.names(in: "/proc/self/fd").count,
            threads: try FileSystem.names(in: "/proc/self/task").count,
            residentBytes: pages * Int(getpagesize())
        )
    }
}
