import EdgeIsolate

extension FuzzTarget {
    /// JSON: what is decoded and encoded is the same text again, and a second decoder agrees on what is JSON and what it says.
    static let json = FuzzTarget("json") { input in
        guard let results = try FuzzIsolate.call("json", [.string(input)]) else { return }
        let expected = ReferenceJSON.parse(input)
        guard results.first == .bool(true) else {
            guard expected == nil else {
                throw Violation("refused: \(results.last?.text ?? "")")
            }
            return
        }
        guard let expected else { throw Violation("accepted what is no JSON") }
        guard case .string(let text)? = results.last, let read = ReferenceJSON.parse(text) else {
            throw Violation("encoded as what is no JSON: \(results)")
        }
        guard read == expected else { throw Violation("\(expected) was encoded as \(read)") }
    }

    /// Texts of every other kind: URLs, queries, hex, base64, HTML.
    static let url = FuzzTarget("url") { input in
        _ = try FuzzIsolate.call("url", [.string(input)])
    }

    /// Lua's compiler, and what it compiles, under limits.
    static let source = FuzzTarget("source") { input in
        _ = try FuzzIsolate.call("source", [.string(input)])
    }
}
