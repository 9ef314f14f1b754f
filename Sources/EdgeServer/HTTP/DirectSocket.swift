import Glibc
import NIOCore
import NIOPosix

/// The socket below a channel, for output that needs no queue: most answers go to the kernel in one piece, and the way
/// through the channel costs more than the rest of writing them.
///
/// Only for a channel without handlers below, on its event loop, while it is active and holds no output itself.
struct DirectSocket {
    private let descriptor: Int32

    /// Nil for a channel that is no socket.
    init?(of context: ChannelHandlerContext) {
        guard let descriptor = Self.descriptor(of: context) else { return nil }
        self.descriptor = descriptor
    }

    /// Nil for a channel that is no socket, or is closed.
    static func descriptor(of context: ChannelHandlerContext) -> Int32? {
        try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
    }

    /// Reads what has arrived into an empty buffer, as much as it has room for. Returns false where there is nothing, or an end
    /// or an error, which are for the channel to meet.
    func read(into buffer: inout ByteBuffer) -> Bool {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) {
            max(0, recv(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)))
        } > 0
    }

    /// Writes what the kernel takes at once and moves the reader's index behind it. An error leaves the bytes to the channel,
    /// which will meet it again and knows what to do.
    func write(_ buffer: inout ByteBuffer) {
        let written = buffer.withUnsafeReadableBytes {
            send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if written > 0 { buffer.moveReaderIndex(forwardBy: written) }
    }
}
