import EdgeRuntime

/// What a client got.
struct HostileResponse: Sendable {
    var status: Int
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    /// The connection ended inside the body.
    var isBroken = false

    var text: String { String(decoding: self.body, as: UTF8.self) }

    /// The outcome that a problem document names; nil where the response is the worker's own.
    var refusal: Outcome? {
        guard self.headers["content-type"] == "application/problem+json",
            let start = self.text.firstRange(of: "\"outcome\":\"")?.upperBound
        else { return nil }
        return Outcome(rawValue: String(self.text[start...].prefix { $0 != "\"" }))
    }
}
