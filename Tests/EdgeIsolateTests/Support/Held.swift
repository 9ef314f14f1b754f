import EdgeIsolate

/// An isolate in a list: arrays can't hold values that can't be copied.
final class Held {
    private var isolate: Isolate?

    init(_ isolate: consuming Isolate) {
        self.isolate = consume isolate
    }

    /// The isolate, once.
    func take() -> Isolate {
        guard let isolate = self.isolate.take() else { preconditionFailure("taken twice") }
        return isolate
    }

    /// Runs its entry from a pristine state.
    func run(_ arguments: Value..., budget: Budget = .request) -> Run {
        guard let isolate = self.isolate.take() else { preconditionFailure("taken") }
        let run = Run(isolate, arguments: arguments, budget: budget)
        self.isolate = consume isolate
        return run
    }
}
