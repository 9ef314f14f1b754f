import EdgeRuntime
import Testing

@testable import EdgeServer

/// What a parser makes of one stretch of input.
enum ParserOutcome: Equatable, CustomStringConvertible {
    /// A request, as ``ParserHarness/describe(_:)`` writes it.
    case request(String)
    case failure(HTTPRequestError.Code)

    var description: String {
        switch self {
        case .request(let text): "request(\(text))"
        case .failure(let code): "failure(\(code))"
        }
    }
}

/// Feeds a parser with input cut into pieces, the way a connection does.
struct ParserHarness {
    /// Limits so small that the cases that reach them can be cut at every byte.
    static var limits: HTTPLimits {
        var limits = HTTPLimits()
        limits.requestLine = 60
        limits.fieldLine = 40
        limits.head = 160
        limits.fieldCount = 5
        limits.trailers = 40
        limits.body = 32
        limits.chunkLine = 20
        limits.chunkExtensions = 24
        return limits
    }

    private(set) var parser: RequestParser
    private(set) var outcomes: [ParserOutcome] = []
    private(set) var continueCount = 0
    /// Heads after which a body was announced.
    private(set) var heads = 0
    private var waiting: [UInt8] = []

    init(limits: HTTPLimits = Self.limits) {
        self.parser = RequestParser(limits: limits, remoteAddress: "192.0.2.1")
    }

    static func run(pieces: [[UInt8]], limits: HTTPLimits = Self.limits) -> [ParserOutcome] {
        var harness = ParserHarness(limits: limits)
        for piece in pieces {
            harness.feed(piece)
        }
        return harness.outcomes
    }

    mutating func feed(_ piece: [UInt8]) {
        if case .failure = self.outcomes.last { return }
        self.waiting += piece
        while true {
            let (consumed, progress) = self.waiting.withUnsafeBytes { self.parser.parse($0) }
            self.waiting.removeFirst(consumed)
            switch progress {
            case .needsMore:
                return
            case .bodyFollows:
                self.heads += 1
                if self.parser.awaitsContinue, self.waiting.isEmpty { self.continueCount += 1 }
            case .complete:
                self.outcomes.append(.request(Self.describe(self.parser)))
                self.parser.reset()
            case .failed(let error):
                self.outcomes.append(.failure(error.code))
                return
            }
        }
    }

    /// `METHOD path ?query @host version keep|close {name:value;...} <body>`; parts that are empty are left out.
    static func describe(_ parser: RequestParser) -> String {
        let request = parser.request
        let head = request.head
        var parts = [head.string(request.method), head.string(request.path)]
        if request.query != .empty, request.query.count > 0 { parts.append("?" + head.string(request.query)) }
        if request.host.count > 0 { parts.append("@" + head.string(request.host)) }
        parts.append("\(request.version.major).\(request.version.minor)")
        parts.append(parser.allowsKeepAlive ? "keep" : "close")
        let fields = head.fields.map { head.string($0.name) + ":" + head.string($0.value) }
        parts.append("{" + fields.joined(separator: ";") + "}")
        if !request.body.isEmpty { parts.append("<" + String(decoding: request.body, as: UTF8.self) + ">") }
        return parts.joined(separator: " ")
    }
}

/// A small generator with a seed that a failing test can print (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
