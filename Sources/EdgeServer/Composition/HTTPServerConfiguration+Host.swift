import EdgeRuntime
import NIOCore

extension HTTPServerConfiguration {
    /// What `edgehost.lua` says about connections, over the defaults.
    init(_ host: HostConfiguration) throws(ConfigurationError) {
        self.init()
        self.limits.body = host.ceilings.maximum.requestBodyBytes
        self.http2.waitingInput = max(self.http2.waitingInput, self.limits.body + HTTP2Limits.waitingHeads)
        let settings = host.connections
        self.maximumConnections = settings.total ?? self.maximumConnections
        self.maximumConnectionsPerAddress = settings.perAddress
        self.maximumBufferedOutput = settings.responseMegabytes.map { $0 << 20 } ?? self.maximumBufferedOutput
        if let megabytes = settings.requestMegabytes {
            guard megabytes << 20 >= self.limits.body else {
                throw ConfigurationError(
                    description: "connections.request_mb is \(megabytes), less than one request may have: at least "
                        + "\(self.limits.body >> 20), as limits.request_mb says"
                )
            }
            self.maximumBufferedInput = megabytes << 20
        } else {
            self.maximumBufferedInput = max(self.maximumBufferedInput, self.limits.body)
        }
        self.timeouts.apply(settings)
    }
}

extension HTTPTimeouts {
    fileprivate mutating func apply(_ settings: ConnectionSettings) {
        func seconds(_ count: Int?, _ standard: TimeAmount) -> TimeAmount {
            count.map { .seconds(Int64($0)) } ?? standard
        }
        self.idle = seconds(settings.idleSeconds, self.idle)
        self.head = seconds(settings.headSeconds, self.head)
        self.body = seconds(settings.bodySeconds, self.body)
        self.wholeBody = seconds(settings.wholeBodySeconds, self.wholeBody)
        self.bodyBytesPerSecond = settings.bodyBytesPerSecond ?? self.bodyBytesPerSecond
        self.write = seconds(settings.writeSeconds, self.write)
        self.writeBytesPerSecond = settings.writeBytesPerSecond ?? self.writeBytesPerSecond
    }
}
