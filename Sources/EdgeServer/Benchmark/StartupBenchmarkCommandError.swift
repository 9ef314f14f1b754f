import EdgeRuntime

/// Why there is no worker to measure.
public struct StartupBenchmarkCommandError: Error, Sendable, Equatable, CustomStringConvertible {
    private enum Code: Equatable {
        case noWorker(directory: String, errors: [LoadDiagnostic])
        case failedToLoad(worker: String, errors: [LoadDiagnostic])
        case unknownWorker(String, directory: String, names: [String])
    }

    /// How many names or problems a message lists.
    private static let maximumListed = 50

    private let code: Code

    static func noWorker(directory: String, errors: [LoadDiagnostic]) -> StartupBenchmarkCommandError {
        StartupBenchmarkCommandError(code: .noWorker(directory: directory, errors: errors))
    }

    static func failedToLoad(worker: String, errors: [LoadDiagnostic]) -> StartupBenchmarkCommandError {
        StartupBenchmarkCommandError(code: .failedToLoad(worker: worker, errors: errors))
    }

    static func unknownWorker(_ name: String, directory: String, names: [String]) -> StartupBenchmarkCommandError {
        StartupBenchmarkCommandError(code: .unknownWorker(name, directory: directory, names: names))
    }

    public var description: String {
        switch self.code {
        case .noWorker(let directory, let errors) where errors.isEmpty:
            "there is no worker in '\(directory)': put a script such as hello.lua there"
        case .noWorker(let directory, let errors):
            "no worker in '\(directory)' could be loaded:\n" + Self.list(errors.map(\.description), by: "\n")
        case .failedToLoad(let worker, let errors):
            "the worker '\(worker)' could not be loaded:\n" + Self.list(errors.map(\.description), by: "\n")
        case .unknownWorker(let name, let directory, let names) where names.isEmpty:
            "there is no worker '\(name)' in '\(directory)', nor any other"
        case .unknownWorker(let name, let directory, let names):
            "there is no worker '\(name)' in '\(directory)': the workers are " + Self.list(names, by: ", ")
        }
    }

    private static func list(_ texts: [String], by separator: String) -> String {
        let rest = texts.count - self.maximumListed
        let listed = texts.prefix(self.maximumListed) + (rest > 0 ? ["and \(rest) more"] : [])
        return listed.joined(separator: separator)
    }
}
