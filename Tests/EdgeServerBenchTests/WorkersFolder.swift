import EdgeRuntime
import Glibc
import Testing

@testable import EdgeServer

/// A temporary directory of worker scripts, removed with the object.
final class WorkersFolder {
    let path: String
    private var files: [String] = []

    /// - Parameter scripts: their text by worker.
    init(_ scripts: [String: String]) throws {
        var template = Array("/tmp/edgehost-bench-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for (name, text) in scripts {
            let file = "\(self.path)/\(name).lua"
            let descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            try #require(descriptor >= 0)
            defer { close(descriptor) }
            self.files.append(file)
            try #require(write(descriptor, text, text.utf8.count) == text.utf8.count)
        }
    }

    deinit {
        for file in self.files { unlink(file) }
        rmdir(self.path)
    }

    /// What the command writes for a plan of a few samples.
    func benchmark(_ worker: String? = nil, json: Bool = true, plan: StartupPlan = .tiny) throws -> String {
        var written: [String] = []
        try StartupBenchmarkCommand.run(workersDirectory: self.path, worker: worker, json: json, plan: plan) {
            written.append($0)
        }
        try #require(written.count == 1)
        return written[0]
    }

    /// How the error of a benchmark describes itself.
    func failure(_ worker: String? = nil) -> String? {
        do {
            _ = try self.benchmark(worker)
            return nil
        } catch {
            return "\(error)"
        }
    }
}

extension StartupPlan {
    static let tiny = StartupPlan(
        warmUpRounds: 1,
        rounds: 2,
        slowSamples: 3,
        fastSamples: 5,
        maximumNanoseconds: 60_000_000_000
    )
}
