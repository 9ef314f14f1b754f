import EdgeRuntime

/// The sink of one request. It forgets its connection when the answer is complete or the client is gone; from then
/// on its calls do nothing. A connection uses it again for the next request if nobody else has kept it.
final class ResponseWriter: ResponseSink {
    /// Connection and writer hold each other while a request is answered; the end of the answer breaks the cycle.
    var connection: HTTPConnection?
    /// What the body of the request holds; nil for a small one.
    var bodyCharge: ByteCharge?

    func respond(_ head: HTTPResponseHead, body: UnsafeRawBufferPointer) {
        self.connection?.respond(head, body: body)
    }

    func begin(_ head: HTTPResponseHead) {
        self.connection?.beginStream(head)
    }

    func write(_ chunk: UnsafeRawBufferPointer, written: @escaping (Bool) -> Void) {
        if let connection = self.connection {
            connection.writeStream(chunk, written: written)
        } else {
            written(false)
        }
    }

    func finish() {
        self.connection?.finishStream()
    }

    func abort() {
        self.connection?.abortStream()
    }
}
