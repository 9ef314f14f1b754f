import EdgeRuntime

extension RequestParser {
    /// One step through a chunked body. Returns false when it needs more input than there is.
    mutating func parseChunked(
        _ chunked: ChunkedBody,
        _ input: UnsafeRawBufferPointer,
        _ offset: inout Int
    ) throws(HTTPRequestError) -> Bool {
        var chunked = chunked
        switch chunked.step {
        case .size:
            let line = try self.lines.nextLine(
                in: input,
                from: offset,
                maximum: self.limits.chunkLine,
                tooLong: .malformedChunk
            )
            guard let line else { return false }
            offset += line.count + 2
            let size = try chunked.parseSize(
                line,
                room: self.bodyLimit - self.request.body.count,
                extensionLimit: self.limits.chunkExtensions
            )
            chunked.step = size == 0 ? .trailers : .data(remaining: size)
        case .data(let remaining):
            let count = min(remaining, input.count - offset)
            guard count > 0 else { return false }
            self.request.body.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[offset..<(offset + count)]))
            offset += count
            chunked.step = count == remaining ? .dataEnd : .data(remaining: remaining - count)
        case .dataEnd:
            let available = input.count - offset
            guard available > 0 else { return false }
            guard input[offset] == 0x0d else { throw HTTPRequestError(.malformedChunk) }
            guard available > 1 else { return false }
            guard input[offset + 1] == 0x0a else { throw HTTPRequestError(.malformedChunk) }
            offset += 2
            chunked.step = .size
        case .trailers:
            return try self.parseTrailer(chunked, input, &offset)
        }
        self.state = .chunkedBody(chunked)
        return true
    }

    /// One trailer line, checked and thrown away, or the empty line that ends the request.
    private mutating func parseTrailer(
        _ chunked: ChunkedBody,
        _ input: UnsafeRawBufferPointer,
        _ offset: inout Int
    ) throws(HTTPRequestError) -> Bool {
        var chunked = chunked
        let line = try self.lines.nextLine(
            in: input,
            from: offset,
            maximum: min(self.limits.fieldLine, self.limits.trailers - chunked.trailerBytes),
            tooLong: .headTooLarge
        )
        guard let line else { return false }
        offset += line.count + 2
        guard !line.isEmpty else {
            self.state = .complete
            return true
        }
        chunked.trailerBytes += line.count + 2
        chunked.trailerCount += 1
        guard chunked.trailerBytes <= self.limits.trailers, chunked.trailerCount <= self.limits.fieldCount else {
            throw HTTPRequestError(.headTooLarge)
        }
        _ = try Self.splitField(line)
        self.state = .chunkedBody(chunked)
        return true
    }
}
