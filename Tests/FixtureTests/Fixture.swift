/// One `.worker` file: scripts, and what they answer. The format is described in `Tests/Fixtures/README.md`.
struct Fixture: Sendable {
    var settings = Settings()
    var steps: [Step] = []

    /// Whether its requests can be sent so: HTTP/2 has no other versions in it.
    func suits(_ transport: Transport) -> Bool {
        transport != .http2
            || self.steps.allSatisfy { step in
                if case .exchange(let exchange) = step { exchange.request.version == "1.1" } else { true }
            }
    }

    /// What the host of the scripts is like.
    struct Settings: Sendable {
        var isDevelopment = false
        var secrets: [String: String] = [:]
        /// Isolates of the one lane.
        var isolates: Int?
        /// The largest body the socket takes, in bytes.
        var bodyLimit: Int?
        var startupMilliseconds: Int?
        var startupMegabytes: Int?
        /// nil for all.
        var transport: Transport?
    }

    enum Step: Sendable {
        /// Changes files, then loads; the diagnostics of that load.
        case load([FileChange], diagnostics: [TextPattern], line: Int)
        case exchange(Exchange)
    }

    /// A file below the root of the fixture, as in `workers/hello.lua`; nil content deletes it.
    struct FileChange: Sendable {
        var path: String
        var content: [UInt8]?
    }

    struct Exchange: Sendable {
        var line: Int
        var request: FixtureRequest
        var expected = ExpectedResponse()
        /// How often it takes place.
        var times = 1
    }
}

/// The ways of a request to a worker.
enum Transport: String, Sendable, CaseIterable {
    /// Straight to the dispatcher, on a lane and a clock turned by hand, with a store in memory.
    case dispatcher
    /// The same, with images that were kept in files, each load from a loader that has built none of them.
    case kept
    /// Over TCP, with an event loop and the store on disk.
    case socket
    /// The same, over HTTP/2. Fixtures of HTTP/1.0 are left out.
    case http2
}

struct FixtureRequest: Sendable {
    var method: String
    var target: String
    var version = "1.1"
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// The size of the chunks the socket sends, nil for a body in one piece.
    var chunkBytes: Int?

    /// All header fields as they are sent, those that a client must send included.
    var allHeaders: [(name: String, value: String)] {
        var all = self.headers
        if !all.contains(where: { $0.name.lowercased() == "host" }) {
            all.insert(("host", "localhost"), at: 0)
        }
        if self.chunkBytes != nil {
            all.append(("transfer-encoding", "chunked"))
        } else if !self.body.isEmpty {
            all.append(("content-length", "\(self.body.count)"))
        }
        return all
    }
}

struct ExpectedResponse: Sendable {
    enum Header: Sendable {
        /// One of the fields of this name has this value.
        case value(name: String, TextPattern)
        case absent(name: String)
    }

    enum Body: Sendable {
        case anything
        case text(TextPattern)
        /// This JSON, whatever the order of its members.
        case json(String)
        /// These bytes and no other.
        case bytes([UInt8])
        case length(Int)
    }

    var status = 200
    var headers: [Header] = []
    var body = Body.anything
    /// The body breaks off: the client can tell that it is not whole.
    var isBroken = false
    var outcome: String?
    /// What the report says about the failure.
    var failure: TextPattern?
    /// All log lines, nil where they do not matter.
    var log: [TextPattern]?
}
