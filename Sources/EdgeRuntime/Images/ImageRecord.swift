import EdgeIsolate

/// What a file says of the image in it.
struct ImageRecord: Sendable, Equatable {
    var worker: String
    /// Of what it was made of; see ``WorkerSource/fingerprint(requiring:)``.
    var fingerprint: Fingerprint
    /// Names the top level passed to `require`.
    var required: [String]
    /// What the top level returned, as a flat message: the manifest is read from it under the ceilings of the day.
    var returned: [UInt8]
    var loadNanoseconds: UInt64
    var byteCount: Int
    var sharedByteCount: Int
    var relocationCount: Int
    /// The packed image in the file.
    var bodyOffset: Int
    var bodyLength: Int
    var bodyChecksum: ImageChecksum

    /// Where the body begins in a file with a head of `length` bytes.
    static func bodyOffset(headLength length: Int) -> Int {
        (length + 63) & ~63
    }

    /// Writes the record as an array of its fields.
    func write(to writer: inout MessageWriter) {
        writer.beginArray(count: 13)
        writer.write(self.worker)
        writer.write(Int64(bitPattern: self.fingerprint.high))
        writer.write(Int64(bitPattern: self.fingerprint.low))
        writer.beginArray(count: self.required.count)
        for name in self.required { writer.write(name) }
        writer.write(self.returned)
        writer.write(Int64(bitPattern: self.loadNanoseconds))
        writer.write(Int64(self.byteCount))
        writer.write(Int64(self.sharedByteCount))
        writer.write(Int64(self.relocationCount))
        writer.write(Int64(self.bodyOffset))
        writer.write(Int64(self.bodyLength))
        writer.write(Int64(bitPattern: self.bodyChecksum.first))
        writer.write(Int64(bitPattern: self.bodyChecksum.second))
    }

    /// Reads what ``write(to:)`` wrote.
    init(_ reader: inout MessageReader) throws(MessageError) {
        guard try reader.beginArray() == 13 else { throw .malformed }
        self.worker = String(decoding: try reader.readBytes(), as: UTF8.self)
        self.fingerprint = Fingerprint(high: try Self.word(&reader), low: try Self.word(&reader))
        self.required = []
        for _ in 0..<(try reader.beginArray()) {
            self.required.append(String(decoding: try reader.readBytes(), as: UTF8.self))
        }
        self.returned = Array(try reader.readBytes())
        self.loadNanoseconds = try Self.word(&reader)
        self.byteCount = try Self.count(&reader)
        self.sharedByteCount = try Self.count(&reader)
        self.relocationCount = try Self.count(&reader)
        self.bodyOffset = try Self.count(&reader)
        self.bodyLength = try Self.count(&reader)
        self.bodyChecksum = ImageChecksum(first: try Self.word(&reader), second: try Self.word(&reader))
    }

    init(
        _ worker: Worker,
        returned: [UInt8],
        body: (length: Int, checksum: ImageChecksum)
    ) {
        self.worker = worker.name
        self.fingerprint = worker.fingerprint
        self.required = worker.requiredModules.sorted()
        self.returned = returned
        self.loadNanoseconds = worker.loadNanoseconds
        self.byteCount = worker.image.byteCount
        self.sharedByteCount = worker.image.sharedByteCount
        self.relocationCount = worker.image.relocationCount
        self.bodyOffset = 0
        self.bodyLength = body.length
        self.bodyChecksum = body.checksum
    }

    /// The image, to be read from there when it is needed; nil without memory.
    func image(open: @escaping @Sendable () -> Int32) -> Image? {
        Image(
            byteCount: self.byteCount,
            sharedByteCount: self.sharedByteCount,
            relocationCount: self.relocationCount,
            file: self.file(open: open)
        )
    }

    func file(open: @escaping @Sendable () -> Int32) -> ImageFile {
        ImageFile(offset: self.bodyOffset, length: self.bodyLength, checksum: self.bodyChecksum, open: open)
    }

    private static func word(_ reader: inout MessageReader) throws(MessageError) -> UInt64 {
        UInt64(bitPattern: try reader.readInteger())
    }

    private static func count(_ reader: inout MessageReader) throws(MessageError) -> Int {
        let count = Int(try reader.readInteger())
        guard (0...Isolate.maximumMemoryBytes * 2).contains(count) else { throw .malformed }
        return count
    }
}
