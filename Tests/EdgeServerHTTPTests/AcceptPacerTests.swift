import NIOCore
import NIOEmbedded
import Testing

@testable import EdgeServer

@Suite("Accept pacer")
struct AcceptPacerTests {
    private func autoReads(_ channel: EmbeddedChannel) -> [Bool] {
        channel.options.compactMap { $0.option is ChannelOptions.Types.AutoReadOption ? $0.value as? Bool : nil }
    }

    @Test func restsAfterAFailureAndGoesOn() throws {
        let loop = EmbeddedEventLoop()
        let channel = EmbeddedChannel(handler: AcceptPacer(pause: .milliseconds(100)), loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        for _ in 0..<3 {
            channel.pipeline.fireErrorCaught(IOError(errnoCode: 24, reason: "accept"))
        }
        #expect(self.autoReads(channel).last == false)
        loop.advanceTime(by: .milliseconds(99))
        #expect(self.autoReads(channel).last == false)
        loop.advanceTime(by: .milliseconds(1))
        #expect(self.autoReads(channel).last == true)
        #expect(channel.isActive)
    }
}
