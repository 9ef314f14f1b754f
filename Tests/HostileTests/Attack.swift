import EdgeRuntime

/// Sends a script's requests over one connection, and asks the honest worker beside and between them.
struct Attack {
    private let script: HostileScript
    private let port: Int
    private var hostile: HostileClient
    private let beside: HostileClient

    init(_ script: HostileScript, port: Int) throws {
        self.script = script
        self.port = port
        self.hostile = try HostileClient(port: port)
        self.beside = try HostileClient(port: port)
    }

    /// The responses to `rounds`. Throws where the honest worker's answer is wrong or a connection gets out of step.
    mutating func run(rounds: Range<Int>) throws -> [HostileResponse] {
        try rounds.map { round in
            try self.hostile.send("POST", "/\(self.script.name)?round=\(round)", body: "a=1&b=2")
            try Self.askHonest(self.beside, "beside-\(round)")
            let response = try self.hostile.receive()
            if self.hostile.isOpen {
                // A body that did not end where it said would be taken for this answer.
                try Self.askHonest(self.hostile, "after-\(round)")
            } else {
                self.hostile = try HostileClient(port: self.port)
            }
            return response
        }
    }

    private static func askHonest(_ client: HostileClient, _ name: String) throws {
        try client.send("GET", "/\(HostileScripts.honest)?n=\(name)")
        let response = try client.receive()
        let expected = "1 \(name) kept 5 7 nil nil nil nil"
        guard response.status == 200, response.text == expected else {
            throw HostileError("the honest worker answered \(response.status) '\(response.text.prefix(300))'")
        }
    }
}
