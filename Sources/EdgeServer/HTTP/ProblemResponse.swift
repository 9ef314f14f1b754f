import EdgeRuntime

/// The answer to a request that was refused before it reached the application: an RFC 9457 problem document.
struct ProblemResponse {
    let head: HTTPResponseHead
    let body: [UInt8]

    init(_ error: HTTPRequestError) {
        var head = HTTPResponseHead(status: error.status)
        head.fields.appendField(name: "content-type", value: "application/problem+json")
        if error.status == 503 {
            head.fields.appendField(name: "retry-after", value: "1")
        }
        self.head = head
        // All texts are fixed and free of quotes, backslashes and control characters.
        let text = """
            {"type":"about:blank","title":"\(ReasonPhrase.of(error.status))","status":\(error.status),\
            "outcome":"\(error.outcome)","detail":"\(error.detail)"}
            """
        self.body = Array(text.utf8)
    }
}
