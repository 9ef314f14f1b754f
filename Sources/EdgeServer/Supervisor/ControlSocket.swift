import CProcess
import Glibc

/// One end of the connection between the parent and a server process. Neither end ever blocks.
struct ControlSocket: Sendable {
    enum Received: Equatable {
        /// The caller owns the descriptors.
        case message(ControlMessage, descriptors: [Int32])
        /// Nothing has arrived.
        case nothing
        /// The other process is gone.
        case end
    }

    let descriptor: Int32

    static func pair() throws(SupervisorError) -> (ControlSocket, ControlSocket) {
        var ends: [Int32] = [-1, -1]
        guard edge_control_pair(&ends) == 0 else { throw SupervisorError("make a control socket", errno: errno) }
        return (ControlSocket(descriptor: ends[0]), ControlSocket(descriptor: ends[1]))
    }

    func close() {
        _ = Glibc.close(self.descriptor)
    }

    /// - Parameter descriptors: at most two; the other side gets duplicates.
    /// - Returns: whether it is on its way; not so where the other side is gone or has stopped reading.
    func send(_ message: ControlMessage, descriptors: [Int32] = []) -> Bool {
        edge_control_send(self.descriptor, message.rawValue, descriptors, Int32(descriptors.count)) == 0
    }

    func receive() -> Received {
        while true {
            var byte: UInt8 = 0
            var count: Int32 = 0
            var descriptors = [Int32](repeating: -1, count: Int(EDGE_CONTROL_DESCRIPTORS))
            let result = edge_control_receive(self.descriptor, &byte, &descriptors, &count)
            if result < 0, errno == EAGAIN { return .nothing }
            guard result > 0 else { return .end }
            descriptors.removeSubrange(Int(count)...)
            if let message = ControlMessage(rawValue: byte) { return .message(message, descriptors: descriptors) }
            for descriptor in descriptors { _ = Glibc.close(descriptor) }
        }
    }
}
