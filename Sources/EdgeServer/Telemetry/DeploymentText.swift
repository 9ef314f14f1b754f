import EdgeRuntime

/// How workers and their problems look on a terminal.
enum DeploymentText {
    /// `hello  /hello /hello/*  31.2 KB  0.4 ms`, or `kept` for the time where the image was found in the data folder.
    static func line(_ worker: WorkerSummary) -> String {
        let routes = worker.routes.map(\.description).joined(separator: " ")
        let kilobytes = Double(worker.imageByteCount * 10 / 1024) / 10
        let time = worker.isKept ? "kept" : "\(Double(worker.loadNanoseconds / 10_000) / 100) ms"
        return "\(worker.name)  \(routes.isEmpty ? "(no routes)" : routes)  \(kilobytes) KB  \(time)"
    }

    static func lines(_ diagnostics: [LoadDiagnostic]) -> [String] {
        diagnostics.map { ($0.severity == .error ? "error: " : "hint: ") + $0.description }
    }

    static func lines(_ changes: DeploymentChanges) -> [String] {
        changes.added.map { "added " + Self.line($0.summary) }
            + changes.updated.map { "updated " + Self.line($0.summary) }
            + changes.removed.map { "removed \($0)" }
    }
}
