import EdgeRuntime
import NIOCore
import Testing

@testable import EdgeServer

@Suite("The table connections of the configuration")
struct ConnectionSettingsTests {
    private static func configuration(_ text: String) throws -> HTTPServerConfiguration {
        try HTTPServerConfiguration(HostConfiguration(source: Array(text.utf8), file: "edgehost.lua"))
    }

    @Test func setsWhatItNames() throws {
        let configuration = try Self.configuration(
            """
            return { limits = { request_mb = 8 }, connections = { total = 1000, per_address = 100, request_mb = 9,
              response_mb = 10, idle_s = 11, head_s = 12, body_s = 13, whole_body_s = 14, body_bytes_per_s = 15,
              write_s = 16, write_bytes_per_s = 17 } }
            """
        )
        #expect(configuration.limits.body == 8 << 20)
        #expect(configuration.maximumConnections == 1000)
        #expect(configuration.connectionsPerAddress == 100)
        #expect(configuration.maximumBufferedInput == 9 << 20)
        #expect(configuration.maximumBufferedOutput == 10 << 20)
        let timeouts = configuration.timeouts
        #expect(timeouts.idle == .seconds(11) && timeouts.head == .seconds(12) && timeouts.body == .seconds(13))
        #expect(timeouts.wholeBody == .seconds(14) && timeouts.bodyBytesPerSecond == 15)
        #expect(timeouts.write == .seconds(16) && timeouts.writeBytesPerSecond == 17)
    }

    @Test func leavesDefaults() throws {
        let configuration = try Self.configuration("return { connections = { total = 1000 } }")
        #expect(configuration.connectionsPerAddress == 250)
        #expect(configuration.maximumBufferedInput == 256 << 20)
        #expect(configuration.timeouts.idle == HTTPTimeouts().idle)
        let large = try Self.configuration("return { limits = { request_mb = 1000 } }")
        #expect(large.maximumBufferedInput == 1000 << 20)
    }

    @Test(arguments: [
        ("connections = { totl = 1 }", "connections has the fields total, per_address, request_mb"),
        ("connections = { total = 0 }", "total is a whole number from 1 to 1000000"),
        ("connections = 1", "connections is a table, got a number"),
        (
            "connections = { request_mb = 16 }",
            "connections.request_mb is 16, less than one request may have: at least 32, as limits.request_mb says"
        ),
    ])
    func saysWhatIsWrong(text: String, message: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.configuration("return { \(text) }") }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
}
