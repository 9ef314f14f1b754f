/// Conditional requests (RFC 9110, 13): a `200` to GET or HEAD whose validator the client already has becomes a `304`.
enum Preconditions {
    static func isNotModified(_ request: HTTPRequest, _ response: HTTPResponseHead) -> Bool {
        // Nearly no response has either.
        let (tag, modified) = (response.fields.first("etag"), response.fields.first("last-modified"))
        guard tag != nil || modified != nil, response.status == 200,
            request.head.equals(request.method, "GET") || request.head.equals(request.method, "HEAD")
        else { return false }
        if let candidates = request.head.first("if-none-match") {
            guard let tag else { return false }
            return Self.matches(request.head.string(candidates), response.fields.string(tag))
        }
        guard let since = request.head.first("if-modified-since"), let modified else { return false }
        // A date is compared as the text the worker gave out before; another date is no proof that the client is current.
        return request.head.bytes[since.range].elementsEqual(response.fields.bytes[modified.range])
    }

    /// The weak comparison: `W/` does not count.
    private static func matches(_ candidates: String, _ tag: String) -> Bool {
        let opaque = Self.opaque(tag[...])
        return candidates.split(separator: ",").contains { candidate in
            let trimmed = candidate.drop { $0 == " " || $0 == "\t" }
            let end = trimmed.lastIndex { $0 != " " && $0 != "\t" }
            guard let end else { return false }
            let text = trimmed[...end]
            return text == "*" || Self.opaque(text) == opaque
        }
    }

    private static func opaque(_ tag: Substring) -> Substring {
        tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
    }
}
