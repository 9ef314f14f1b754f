import NIOCore

/// Output buffers of one event loop, so that a response written at once allocates nothing.
///
/// A buffer is put back when its write was handed over. If the write is still going on, taking the buffer makes new
/// memory for it (a ByteBuffer that is shared copies on write).
struct ByteBufferPool {
    private static let maximumCapacity = 64 * 1024
    /// Of all that are kept: a whole batch's usual answers, or a few large ones.
    private static let maximumBytes = 512 * 1024

    private var free: [ByteBuffer] = []
    private var bytes = 0

    mutating func take() -> ByteBuffer {
        guard var buffer = self.free.popLast() else { return ByteBufferAllocator().buffer(capacity: 1024) }
        self.bytes -= buffer.capacity
        buffer.clear()
        return buffer
    }

    mutating func put(_ buffer: consuming ByteBuffer) {
        guard buffer.capacity <= Self.maximumCapacity, self.bytes + buffer.capacity <= Self.maximumBytes else { return }
        self.bytes += buffer.capacity
        self.free.append(buffer)
    }
}
