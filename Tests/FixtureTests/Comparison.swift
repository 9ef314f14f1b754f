import EdgeRuntime

/// Compares one response with what was expected of it.
struct Comparison {
    /// Written by the HTTP front, so only a socket shows them.
    private static let serverFields: Set<String> = ["content-length", "transfer-encoding", "connection", "date"]
    private static let shownBytes = 2000

    let expected: ExpectedResponse
    let transport: Transport
    private(set) var problems: [String] = []

    init(expected: ExpectedResponse, transport: Transport) {
        self.expected = expected
        self.transport = transport
    }

    mutating func compare(_ response: ActualResponse) {
        let before = self.problems.count
        if response.status != self.expected.status {
            self.problems.append("the status is \(response.status), not \(self.expected.status)")
        }
        for header in self.expected.headers {
            self.compare(header, response.headers)
        }
        if response.isBroken != self.expected.isBroken {
            self.problems.append("the body \(response.isBroken ? "broke off" : "did not break off")")
        }
        self.compareBody(response.body)
        if self.problems.count > before {
            let shown = String(decoding: response.body.prefix(Self.shownBytes), as: UTF8.self)
            self.problems.append("the response was: \(response.headers) \(shown)")
        }
    }

    private mutating func compare(_ header: ExpectedResponse.Header, _ fields: [(name: String, value: String)]) {
        switch header {
        case .value(let name, let pattern):
            if Self.serverFields.contains(name), self.transport != .socket { return }
            if !fields.contains(where: { $0.name == name && pattern.matches($0.value) }) {
                self.problems.append("no header field is '\(name): \(pattern)'")
            }
        case .absent(let name):
            if fields.contains(where: { $0.name == name }) {
                self.problems.append("there is a header field '\(name)'")
            }
        }
    }

    private mutating func compareBody(_ body: [UInt8]) {
        switch self.expected.body {
        case .anything:
            break
        case .text(let pattern):
            let end = body.last == 10 ? body.count - 1 : body.count
            if !pattern.matches(Array(body[..<end])) { self.problems.append("the body is not '\(pattern)'") }
        case .json(let text):
            if JSONText.canonical(body) != text { self.problems.append("the body is not the JSON \(text)") }
        case .bytes(let bytes):
            if body != bytes { self.problems.append("the body is not the expected \(bytes.count) bytes") }
        case .length(let count):
            if body.count != count { self.problems.append("the body has \(body.count) bytes, not \(count)") }
        }
    }

    mutating func compare(_ report: InvocationReport?, log: [String]) {
        if let outcome = self.expected.outcome, report?.outcome.rawValue != outcome {
            self.problems.append("the outcome is \(report?.outcome.rawValue ?? "not reported"), not \(outcome)")
        }
        if let failure = self.expected.failure, !failure.matches(report?.failure?.message ?? "") {
            self.problems.append("the failure is '\(report?.failure?.message ?? "none")', not '\(failure)'")
        }
        guard let lines = self.expected.log else { return }
        if lines.count != log.count || !zip(lines, log).allSatisfy({ $0.matches($1) }) {
            self.problems.append("the log is \(log)")
        }
    }
}
