import EdgeRuntime

/// How workers and their problems look on a terminal.
enum DeploymentText {
    /// `hello  /hello /hello/*  31.2 KB  0.4 ms`
    static func line(_ worker: Worker) -> String {
        let routes = worker.routes.map(\.description).joined(separator: " ")
        let kilobytes = Double((worker.image.byteCount + worker.image.sharedByteCount) * 10 / 1024) / 10
        let milliseconds = Double(worker.loadNanoseconds / 10_000) / 100
        return "\(worker.name)  \(routes.isEmpty ? "(no routes)" : routes)  \(kilobytes) KB  \(milliseconds) ms"
    }

    static func lines(_ diagnostics: [LoadDiagnostic]) -> [String] {
        diagnostics.map { ($0.severity == .error ? "error: " : "hint: ") + $0.description }
    }

    static func lines(_ changes: DeploymentChanges) -> [String] {
        changes.added.map { "added " + Self.line($0) } + changes.updated.map { "updated " + Self.line($0) }
            + changes.removed.map { "removed \($0)" }
    }
}
