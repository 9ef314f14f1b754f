/// The answer the host gives where a worker gave none: `application/problem+json` (RFC 9457).
struct ProblemDocument {
    var outcome: Outcome
    var worker: String?
    var requestID: String
    /// Message and traceback, in development only.
    var detail: String?

    var head: HTTPResponseHead {
        var head = HTTPResponseHead(status: self.outcome.status)
        head.fields.appendField(name: "content-type", value: "application/problem+json")
        if self.outcome == .overloaded {
            head.fields.appendField(name: "retry-after", value: "1")
        }
        return head
    }

    var body: String {
        var text = "{\"type\":\"about:blank\",\"title\":\(Self.quoted(self.outcome.title))"
        text += ",\"status\":\(self.outcome.status),\"outcome\":\"\(self.outcome.rawValue)\""
        if let worker = self.worker {
            text += ",\"worker\":\(Self.quoted(worker))"
        }
        text += ",\"request_id\":\"\(self.requestID)\""
        if let detail = self.detail {
            text += ",\"detail\":\(Self.quoted(detail))"
        }
        return text + "}\n"
    }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
