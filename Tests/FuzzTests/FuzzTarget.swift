/// One way into the server that takes bytes of strangers, and what must hold for all of them. `make fuzz` looks for bytes that
/// break it; ``CorpusTests`` shows it the bytes of `Corpus/NAME` in every test run.
struct FuzzTarget: Sendable {
    let name: String
    /// What does not hold for these bytes; nil where all is well. A crash is the other way to fail.
    let violation: @Sendable (_ input: [UInt8]) -> String?

    /// Inputs beyond this many bytes find nothing that a smaller one does not.
    static let maximumBytes = 4096

    static let all = [
        FuzzTarget.codec, .json, .url, .source, .http, .routes, .kv, .multipart, .cron, .manifest, .images,
    ]
}

/// What a target names as violated, thrown from where it is found.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension FuzzTarget {
    /// A target whose check throws what does not hold.
    init(_ name: String, _ check: @escaping @Sendable (_ input: [UInt8]) throws -> Void) {
        self.init(name: name) { input in
            do {
                try check(input)
                return nil
            } catch {
                return "\(error)"
            }
        }
    }
}

/// Bytes of an input that stand for numbers, taken from its front.
struct Choices {
    private(set) var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) {
        self.rest = input[...]
    }

    /// The next byte; 0 at the end.
    mutating func next() -> Int {
        Int(self.rest.popFirst() ?? 0)
    }

    /// Everything up to the next line feed, which is dropped; nil at the end.
    mutating func line() -> [UInt8]? {
        guard !self.rest.isEmpty else { return nil }
        let line = Array(self.rest.prefix { $0 != UInt8(ascii: "\n") })
        self.rest = self.rest.dropFirst(line.count + 1)
        return line
    }
}
