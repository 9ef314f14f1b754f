import EdgeIsolate

/// Writes an event as the arguments of the prelude's `dispatch`: its name, and a message of its own which the guest reads
/// field by field, so that a field nobody asks for costs a copy and no Lua object. A small body goes along, which spares a host
/// call; a large one is asked for.
enum EventMessage {
    private static let largestBodyAlong = 16 << 10

    static func write(_ event: Event, requestID: RequestID, to writer: inout MessageWriter) {
        writer.removeAll()
        writer.beginArray(count: 3)
        switch event {
        case .fetch(let request, let parameters):
            writer.write("fetch" as StaticString)
            let mark = writer.beginNested()
            Self.write(request, parameters, requestID, to: &writer)
            writer.endNested(mark)
            request.body.count <= Self.largestBodyAlong ? writer.write(request.body) : writer.writeNil()
        }
    }

    /// The order of the members is that of `fields` in the prelude.
    private static func write(
        _ request: HTTPRequest,
        _ parameters: [RouteParameter],
        _ requestID: RequestID,
        to writer: inout MessageWriter
    ) {
        writer.beginArray(count: 10)
        request.head.bytes.withUnsafeBytes { bytes in
            func text(_ span: ByteSpan) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(rebasing: bytes[span.range])
            }
            writer.write(text(request.method))
            request.isSecure ? writer.write("https" as StaticString) : writer.write("http" as StaticString)
            writer.write(text(request.host))
            writer.write(text(request.path))
            writer.write(text(request.query))
            switch request.version {
            case (1, 1): writer.write("1.1" as StaticString)
            case (2, 0): writer.write("2" as StaticString)
            case let (major, minor): writer.write("\(major).\(minor)")
            }
            writer.write(request.remoteAddress)
            writer.beginArray(count: request.head.fields.count * 2)
            for field in request.head.fields {
                writer.write(text(field.name))
                writer.write(text(field.value))
            }
        }
        writer.beginTable(count: parameters.count)
        for parameter in parameters {
            writer.write(parameter.name)
            writer.write(parameter.value)
        }
        requestID.write(to: &writer)
    }
}
