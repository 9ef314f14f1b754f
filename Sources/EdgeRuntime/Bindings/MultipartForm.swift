import EdgeIsolate
import Glibc

/// A body of `multipart/form-data` (RFC 7578), as `request:form()` gives it: a text field is a string, a file a table
/// `{ filename =, type =, data = }`; of several parts with one name the first counts.
struct MultipartForm {
    static let maximumParts = 1000
    /// Of the content-type, and of the head of a part.
    static let maximumHeaderBytes = 8192

    private let body: [UInt8]
    private let boundary: [UInt8]

    init(contentType: String, body: [UInt8]) throws(BindingError) {
        guard contentType.utf8.count <= Self.maximumHeaderBytes else {
            throw BindingError("request:form: the content-type is longer than \(Self.maximumHeaderBytes) bytes")
        }
        guard let boundary = Self.parameter("boundary", of: contentType), (1...70).contains(boundary.utf8.count) else {
            throw BindingError("request:form: the content-type has no boundary")
        }
        self.body = body
        self.boundary = Array("--\(boundary)".utf8)
    }

    func fields() throws(BindingError) -> Value {
        var entries: [Value.Entry] = []
        var seen: Set<String> = []
        guard var start = self.find(self.boundary, from: 0) else {
            throw BindingError("request:form: the body does not hold its boundary")
        }
        while true {
            start += self.boundary.count
            if self.body[start...].starts(with: Array("--".utf8)) {
                return entries.isEmpty ? .array([]) : .table(entries)
            }
            guard let end = self.find(Array("\r\n".utf8) + self.boundary, from: start),
                let headEnd = self.find(Array("\r\n\r\n".utf8), from: start), headEnd <= end
            else {
                throw BindingError("request:form: a part of the body is not complete")
            }
            guard headEnd - start <= Self.maximumHeaderBytes else {
                throw BindingError("request:form: the head of a part is longer than \(Self.maximumHeaderBytes) bytes")
            }
            let head = String(decoding: self.body[start..<headEnd], as: UTF8.self)
            let data = Array(self.body[min(headEnd + 4, end)..<end])
            if let (name, value) = Self.part(head: head, data: data), seen.insert(name).inserted {
                entries.append(.init(key: .text(name), value: value))
            }
            guard seen.count <= Self.maximumParts else {
                throw BindingError("request:form: the body has more than \(Self.maximumParts) parts")
            }
            start = end + 2
        }
    }

    private static func part(head: String, data: [UInt8]) -> (name: String, value: Value)? {
        var disposition = ""
        var type = "text/plain"
        for line in head.split(whereSeparator: { $0 == "\r\n" }) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = String(parts[1].drop { $0 == " " })
            switch parts[0].lowercased() {
            case "content-disposition": disposition = value
            case "content-type": type = value
            default: break
            }
        }
        guard let name = Self.parameter("name", of: disposition) else { return nil }
        guard let filename = Self.parameter("filename", of: disposition) else { return (name, .string(data)) }
        return (
            name,
            .table([
                .init(key: .text("filename"), value: .text(filename)),
                .init(key: .text("type"), value: .text(type)),
                .init(key: .text("data"), value: .string(data)),
            ])
        )
    }

    /// The value of `; name=value` or `; name="value"`.
    static func parameter(_ name: String, of header: String) -> String? {
        for part in Self.parameters(header) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, pair[0].drop(while: { $0 == " " }).lowercased() == name else { continue }
            let value = pair[1]
            if value.hasPrefix("\""), value.hasSuffix("\""), value.count >= 2 {
                return String(value.dropFirst().dropLast())
            }
            return String(value)
        }
        return nil
    }

    /// Splits at semicolons outside of quotes.
    private static func parameters(_ header: String) -> [Substring] {
        var quoted = false
        return header.split { character in
            if character == "\"" { quoted.toggle() }
            return character == ";" && !quoted
        }
    }

    private func find(_ pattern: [UInt8], from start: Int) -> Int? {
        guard self.body.count >= pattern.count, start <= self.body.count - pattern.count else { return nil }
        return self.body.withUnsafeBytes { body -> Int? in
            guard let base = body.baseAddress else { return nil }
            var index = start
            let last = body.count - pattern.count
            while index <= last, let hit = memchr(base + index, Int32(pattern[0]), last - index + 1) {
                index = UnsafeRawPointer(hit) - base
                if memcmp(base + index, pattern, pattern.count) == 0 { return index }
                index += 1
            }
            return nil
        }
    }
}
