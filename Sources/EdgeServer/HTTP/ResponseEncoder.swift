import EdgeRuntime
import NIOCore

/// Writes response heads, and bodies that are whole, into a buffer.
struct ResponseEncoder {
    /// How the client finds the end of the body.
    enum Framing: Equatable {
        /// The status has no body.
        case none
        /// The length goes into the head, whether or not the body follows (it does not with HEAD).
        case length(Int)
        case chunked
        case untilClose
    }

    /// What the head says about the connection.
    enum Persistence {
        /// Nothing: HTTP/1.1 connections live on.
        case implied
        case keepAlive
        case close
    }

    var framing: Framing
    var persistence: Persistence

    /// Appends the head, and `body` after it.
    ///
    /// - Parameters:
    ///   - dateLine: the `date` line with its CRLF; left out when the head has a date of its own.
    func write(
        _ head: HTTPResponseHead,
        dateLine: [UInt8],
        body: UnsafeRawBufferPointer,
        into buffer: inout ByteBuffer
    ) {
        let fields = head.fields.fields
        // Status line, date, framing and connection take less than 200 bytes; each field adds four to its texts.
        let bound = 256 + head.fields.bytes.count + 4 * fields.count + body.count
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { memory in
            var output = ByteWriter(memory)
            Self.writeStatusLine(head.status, to: &output)
            var hasDate = false
            head.fields.bytes.withUnsafeBytes { texts in
                for field in fields {
                    let name = UnsafeRawBufferPointer(rebasing: texts[field.name.range])
                    hasDate = hasDate || FieldText.equalsExactly(name, "date")
                    output.write(name)
                    output.write(": ")
                    output.write(UnsafeRawBufferPointer(rebasing: texts[field.value.range]))
                    output.write("\r\n")
                }
            }
            if !hasDate {
                dateLine.withUnsafeBytes { output.write($0) }
            }
            self.writeFraming(to: &output)
            output.write(body)
            return output.count
        }
    }

    private static func writeStatusLine(_ status: Int, to output: inout ByteWriter) {
        if status == 200 {
            output.write("HTTP/1.1 200 OK\r\n")
            return
        }
        output.write("HTTP/1.1 ")
        output.write(decimal: status)
        output.write(" ")
        output.write(ReasonPhrase.of(status))
        output.write("\r\n")
    }

    private func writeFraming(to output: inout ByteWriter) {
        switch self.framing {
        case .length(let length):
            output.write("content-length: ")
            output.write(decimal: length)
            output.write("\r\n")
        case .chunked:
            output.write("transfer-encoding: chunked\r\n")
        case .none, .untilClose:
            break
        }
        switch self.persistence {
        case .implied: output.write("\r\n")
        case .keepAlive: output.write("connection: keep-alive\r\n\r\n")
        case .close: output.write("connection: close\r\n\r\n")
        }
    }

    /// Appends one chunk of a chunked body. An empty chunk is left out: it would end the body.
    static func writeChunk(_ chunk: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) {
        guard !chunk.isEmpty else { return }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: chunk.count + 20) { memory in
            var output = ByteWriter(memory)
            output.write(hexadecimal: chunk.count)
            output.write("\r\n")
            output.write(chunk)
            output.write("\r\n")
            return output.count
        }
    }

    /// Appends what comes before a chunk that is not empty; CRLF comes after it.
    static func writeChunkSize(_ count: Int, into buffer: inout ByteBuffer) {
        precondition(count > 0, "an empty chunk would end the body")
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 20) { memory in
            var output = ByteWriter(memory)
            output.write(hexadecimal: count)
            output.write("\r\n")
            return output.count
        }
    }
}
