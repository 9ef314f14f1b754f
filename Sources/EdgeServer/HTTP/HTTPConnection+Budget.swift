import EdgeRuntime
import NIOCore

/// What a connection holds in memory for its client counts against the budgets of its listener, but for a little that
/// every connection may have: nearly all requests and answers stay below it and pay nothing.
extension HTTPConnection {
    /// Input that does not count, in bytes.
    static let uncountedInput = 16 * 1024
    /// A body of a response, or a piece of one, that is written whether or not there is room, in bytes.
    static let smallOutput = 64 * 1024

    /// The bytes of output that are let go of together, when the client has taken them.
    static let largestPiece = 128 * 1024

    func openCharges() {
        let account = self.lane.account(of: self)
        self.inputCharge = ByteCharge(self.lane.budgets.input, account: account)
        self.outputCharge = ByteCharge(self.lane.budgets.output, account: account)
    }

    /// Gives back what does not belong to a request that goes on without its client.
    func closeCharges() {
        self.inputCharge = nil
        self.outputCharge = nil
    }

    /// Counts the body that is being read and the input that waits. Returns false when that is too much.
    func chargeInput() -> Bool {
        let body = self.parser.isReceivingBody ? self.parser.request.body.count : 0
        let held = body + self.waiting.readableBytes
        guard held > Self.uncountedInput else {
            self.inputCharge?.hold(0)
            return true
        }
        self.inputCharge?.hold(held)
        return self.inputCharge?.isExceeded != true
    }

    /// From now on the body counts for as long as the application keeps the sink of its request.
    func handOverBodyCharge() {
        guard let bytes = self.inputCharge?.bytes, bytes > 0 else { return }
        self.writer.bodyCharge = self.inputCharge?.split()
    }

    /// Counts the output that the client has not taken.
    func chargeOutput() {
        guard let channel = self.context?.channel else { return }
        self.outputCharge?.hold(channel.isWritable ? 0 : self.bufferedOutput)
    }

    /// Whether a response, or a piece of one, of `count` bytes may begin to wait for the client.
    func mayBuffer(_ count: Int) -> Bool {
        count <= Self.smallOutput || self.parser.isHead || self.outputCharge?.isFull != true
    }
}
