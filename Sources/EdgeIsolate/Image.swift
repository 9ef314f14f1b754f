import CIsolate

/// A worker's frozen heap: what every request of it starts from. Immutable, so any thread may lease isolates of it.
public final class Image: Sendable {
    // Never written after init; the C side only reads it.
    nonisolated(unsafe) let raw: OpaquePointer
    /// The bytes of the heap that each isolate has of its own: what a restore copies.
    public let byteCount: Int
    /// The bytes of the heap that its isolates share, as no request writes to them: strings and compiled functions.
    public let sharedByteCount: Int
    /// How many words of what a restore copies are pointers into it.
    public let relocationCount: Int

    init(_ raw: OpaquePointer) {
        self.raw = raw
        self.byteCount = edge_image_size(raw)
        self.sharedByteCount = edge_image_shared_size(raw)
        self.relocationCount = edge_image_relocations(raw)
    }

    deinit {
        edge_image_free(self.raw)
    }
}
