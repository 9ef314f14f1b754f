import NIOCore

/// Output buffers of one event loop, so that a response written at once allocates nothing.
///
/// A buffer is put back when its write was handed over. If the write is still going on, taking the buffer makes new
/// memory for it (a ByteBuffer that is shared copies on write).
struct ByteBufferPool {
    /// The answers of a whole batch; with the next one half a megabyte.
    private static let maximumCount = 32
    private static let maximumCapacity = 16 * 1024

    private var free: [ByteBuffer] = []

    mutating func take() -> ByteBuffer {
        guard var buffer = self.free.popLast() else { return ByteBufferAllocator().buffer(capacity: 1024) }
        buffer.clear()
        return buffer
    }

    mutating func put(_ buffer: consuming ByteBuffer) {
        guard buffer.capacity <= Self.maximumCapacity, self.free.count < Self.maximumCount else { return }
        self.free.append(buffer)
    }
}
