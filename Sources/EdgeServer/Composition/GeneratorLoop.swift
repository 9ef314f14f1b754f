import NIOCore
import NIOPosix

/// The event loop of a command that makes load, on a thread of its own.
enum GeneratorLoop {
    static func run<Result>(_ body: (any EventLoop) throws -> Result) throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { try? group.syncShutdownGracefully() }
        return try body(group.next())
    }
}
