import EdgeRuntime
import NIOHPACK

/// The header list of a response.
enum HTTP2ResponseHead {
    /// - Parameters:
    ///   - contentLength: left out when the body's length is not known or the status has no body.
    ///   - dateLine: the `date` line as HTTP/1.1 has it, with its CRLF; left out when the head has a date of its own.
    static func make(_ head: HTTPResponseHead, contentLength: Int?, dateLine: [UInt8]) -> HPACKHeaders {
        var headers = HPACKHeaders()
        headers.reserveCapacity(head.fields.fields.count + 3)
        headers.add(name: ":status", value: head.status == 200 ? "200" : String(head.status))
        var hasDate = false
        for field in head.fields.fields {
            // A field of connections, which HTTP/2 does not know; NIO would refuse the whole response for it.
            if head.fields.equals(field.name, "proxy-connection") { continue }
            hasDate = hasDate || head.fields.equals(field.name, "date")
            headers.add(name: head.fields.string(field.name), value: head.fields.string(field.value))
        }
        if !hasDate {
            headers.add(name: "date", value: Self.dateValue(dateLine))
        }
        if let contentLength {
            headers.add(name: "content-length", value: String(contentLength), indexing: .nonIndexable)
        }
        return headers
    }

    private static func dateValue(_ line: [UInt8]) -> String {
        let prefix = 6
        precondition(line.count > prefix + 2, "a date line is a name, a date and CRLF")
        return String(decoding: line[prefix..<(line.count - 2)], as: UTF8.self)
    }
}
