import NIOCore

extension HTTPConnection {
    private static let prefaceLine: StaticString = "PRI * HTTP/2.0\r\n"

    /// Whether the first line of the connection, just consumed and refused, begins the preface of HTTP/2; then the connection goes
    /// on as an ``HTTP2Connection``. HTTP/1.1 pays nothing for this: only a request line of another version gets here.
    func becomeHTTP2(_ input: inout ByteBuffer) -> Bool {
        let count = Self.prefaceLine.utf8CodeUnitCount
        guard self.mayBecomeHTTP2, let context = self.context, input.readerIndex >= count else { return false }
        var all = input
        all.moveReaderIndex(to: input.readerIndex - count)
        let preface = UnsafeBufferPointer(start: Self.prefaceLine.utf8Start, count: count)
        guard all.readableBytesView.starts(with: preface) else { return false }
        input.moveReaderIndex(to: input.writerIndex)
        do {
            try HTTP2Connection.install(
                in: context,
                replacing: self,
                lane: self.lane,
                client: HTTP2Connection.Client(address: self.parser.request.remoteAddress, isSecure: false)
            )
        } catch {
            context.close(promise: nil)
            return true
        }
        self.enter(.closed)
        self.closeCharges()
        context.fireChannelRead(Self.wrapInboundOut(all))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        return true
    }
}
