/// Why the start of a worker could not be measured. The samples taken until then mean nothing.
public struct StartupBenchmarkError: Error, Sendable, Equatable, CustomStringConvertible {
    private enum Code: Equatable {
        case build
        case request
        case noAddressSpace
        case imageLost
    }

    private let code: Code
    private let worker: String
    private let detail: String

    /// The top level loaded once and failed when it was run again.
    static func build(worker: String, diagnostic: LoadDiagnostic) -> StartupBenchmarkError {
        StartupBenchmarkError(code: .build, worker: worker, detail: diagnostic.description)
    }

    static func request(worker: String, line: String, failure: BenchmarkObserver.Failure) -> StartupBenchmarkError {
        let message = failure.message.map { ": \($0)" } ?? ""
        let detail = "\(line) ended as \(failure.outcome.rawValue)\(message)"
        return StartupBenchmarkError(code: .request, worker: worker, detail: detail)
    }

    static func noAddressSpace(worker: String) -> StartupBenchmarkError {
        StartupBenchmarkError(code: .noAddressSpace, worker: worker, detail: "")
    }

    static func imageLost(worker: String) -> StartupBenchmarkError {
        StartupBenchmarkError(code: .imageLost, worker: worker, detail: "")
    }

    public var description: String {
        switch self.code {
        case .build:
            "worker '\(self.worker)' can't be measured, its top level does not always succeed: \(self.detail)"
        case .request:
            "worker '\(self.worker)' can't be measured, it must answer a plain GET request: \(self.detail)"
        case .noAddressSpace:
            "worker '\(self.worker)' can't be measured, no address space is left for a slot: raise the limit of "
                + "virtual memory (ulimit -v)"
        case .imageLost:
            "worker '\(self.worker)' can't be measured, the file of its image was removed or damaged meanwhile"
        }
    }
}
