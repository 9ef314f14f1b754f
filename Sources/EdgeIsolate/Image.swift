import CIsolate

/// A worker's frozen heap: what every request of it starts from. Immutable, so any thread may lease isolates of it.
public final class Image: Sendable {
    // Never written after init; the C side only reads it.
    nonisolated(unsafe) let raw: OpaquePointer
    /// Size of the heap in bytes: what a restore copies.
    public let byteCount: Int
    /// How many words of it are pointers.
    public let relocationCount: Int

    init(_ raw: OpaquePointer) {
        self.raw = raw
        self.byteCount = edge_image_size(raw)
        self.relocationCount = edge_image_relocations(raw)
    }

    deinit {
        edge_image_free(self.raw)
    }
}
