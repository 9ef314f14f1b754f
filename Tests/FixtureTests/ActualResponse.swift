/// What came back.
struct ActualResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    var isBroken = false

    /// Whether a worker was reached, so that a report of its invocation comes.
    var isFromWorker: Bool {
        guard self.headers.contains(where: { $0 == ("content-type", "application/problem+json") }) else { return true }
        // With HEAD the status has to tell.
        if self.body.isEmpty { return ![404, 405, 413].contains(self.status) }
        let body = String(decoding: self.body, as: UTF8.self)
        return body.contains("\"worker\":")
            && !["load_failed", "request_too_large"].contains { body.contains("\"outcome\":\"\($0)\"") }
    }
}
