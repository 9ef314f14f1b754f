import Glibc

/// The `edgehost` that was built together with these tests: it lies beside the test runner.
enum Executable {
    static func path() throws -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw Failure("can't tell where the test runner lies: errno \(errno)") }
        let runner = String(decoding: buffer[..<count], as: UTF8.self)
        let candidates = [runner, CommandLine.arguments[0]].map { file in
            file[...(file.lastIndex(of: "/") ?? file.startIndex)] + "edgehost"
        }
        guard let found = candidates.first(where: { access(String($0), X_OK) == 0 }) else {
            throw Failure("there is no executable at \(candidates.joined(separator: ", "))")
        }
        return String(found)
    }
}

/// Why a test can't go on.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
