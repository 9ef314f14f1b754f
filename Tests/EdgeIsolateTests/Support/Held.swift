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

    func with<Result>(_ body: (borrowing Isolate) -> Result) -> Result {
        guard let isolate = self.isolate.take() else { preconditionFailure("taken") }
        let result = body(isolate)
        self.isolate = consume isolate
        return result
    }
}
