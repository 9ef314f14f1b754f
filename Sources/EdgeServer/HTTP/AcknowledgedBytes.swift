import Glibc
import NIOCore

/// What a client has taken, as its acknowledgements say.
///
/// The bytes that leave for the kernel are no measure: it takes them in leaps of up to a megabyte, and a slow client
/// that is at it all the time would look stalled in between.
enum AcknowledgedBytes {
    /// Linux's `struct tcp_info` up to `tcpi_bytes_acked`, which glibc's lacks.
    private struct TCPInfo {
        typealias Words = (UInt64, UInt64, UInt64, UInt64, UInt64)
        // 120 bytes that are not looked at.
        var before: (Words, Words, Words)
        var bytesAcked: UInt64
    }

    /// The bytes acknowledged on this connection so far; nil where the channel is no TCP socket.
    static func count(of channel: any Channel) -> Int? {
        guard let socket = channel as? any SocketOptionProvider else { return nil }
        var count: Int?
        let info: EventLoopFuture<TCPInfo> = socket.unsafeGetSocketOption(
            level: NIOBSDSocket.OptionLevel(rawValue: CInt(IPPROTO_TCP)),
            name: NIOBSDSocket.Option(rawValue: TCP_INFO)
        )
        // Done at once on the event loop.
        info.assumeIsolated().whenSuccess { count = Int(clamping: $0.bytesAcked) }
        return count
    }
}
