/// Where the parser stands inside a chunked body.
struct ChunkedBody {
    enum Step: Equatable {
        case size
        case data(remaining: Int)
        case dataEnd
        case trailers
    }

    var step = Step.size
    var extensionBytes = 0
    var trailerBytes = 0
    var trailerCount = 0

    /// The size in a chunk size line. The line is the size in hexadecimal and, optionally, extensions that begin
    /// with `;`; they are bounded and ignored.
    ///
    /// - Parameters:
    ///   - room: the most bytes the chunk may have.
    ///   - extensionLimit: the most bytes of extensions in the whole body.
    mutating func parseSize(
        _ line: UnsafeRawBufferPointer,
        room: Int,
        extensionLimit: Int
    ) throws(HTTPRequestError) -> Int {
        var (size, digits) = (0, 0)
        while digits < line.count, let value = Self.hexValue(line[digits]) {
            guard size <= Int.max >> 4 else { throw HTTPRequestError(.bodyTooLarge) }
            size = size << 4 | value
            digits += 1
        }
        guard digits > 0 else { throw HTTPRequestError(.malformedChunk) }
        let rest = UnsafeRawBufferPointer(rebasing: line[digits...])
        if !rest.isEmpty {
            guard rest.first(where: { !FieldText.isBlank($0) }) == UInt8(ascii: ";"), FieldText.isValidValue(rest)
            else {
                throw HTTPRequestError(.malformedChunk)
            }
        }
        self.extensionBytes += rest.count
        guard self.extensionBytes <= extensionLimit else { throw HTTPRequestError(.malformedChunk) }
        guard size <= room else { throw HTTPRequestError(.bodyTooLarge) }
        return size
    }

    private static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46, 0x61...0x66: Int(byte | 0x20) - 0x57
        default: nil
        }
    }
}
