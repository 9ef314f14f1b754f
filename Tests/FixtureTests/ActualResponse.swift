/// What came back.
struct ActualResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    var isBroken = false

    /// Whether the runtime was reached, so that a report comes: what the HTTP front refuses has no request id.
    var isReported: Bool {
        let isProblem = self.headers.contains { $0 == ("content-type", "application/problem+json") }
        return !isProblem || self.body.isEmpty || String(decoding: self.body, as: UTF8.self).contains("\"request_id\"")
    }
}
