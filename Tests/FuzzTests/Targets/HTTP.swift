import EdgeRuntime

@testable import EdgeServer

extension FuzzTarget {
    /// The HTTP front: requests are the same however the bytes come in pieces.
    static let http = FuzzTarget("http") { input in
        var choices = Choices(input)
        let small = choices.next()
        let cut = choices.next()
        let bytes = Array(choices.rest)
        let limits = small % 2 == 0 ? HTTPLimits() : Self.smallLimits
        let whole = Self.outcomes(of: [bytes], limits)
        let single = Self.outcomes(of: bytes.map { [$0] }, limits)
        guard whole == single else { throw Violation("whole: \(whole)\nbyte by byte: \(single)") }
        let size = cut % 61 + 2
        let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        let cutUp = Self.outcomes(of: pieces, limits)
        guard whole == cutUp else { throw Violation("whole: \(whole)\nby \(size) bytes: \(cutUp)") }
    }

    /// So small that short inputs reach them.
    private static var smallLimits: HTTPLimits {
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

    private static func outcomes(of pieces: [[UInt8]], _ limits: HTTPLimits) -> [String] {
        var parser = RequestParser(limits: limits, remoteAddress: "192.0.2.1")
        var outcomes: [String] = []
        var waiting: [UInt8] = []
        for piece in pieces {
            waiting += piece
            var needsMore = false
            while !needsMore {
                let (consumed, progress) = waiting.withUnsafeBytes { parser.parse($0) }
                waiting.removeFirst(consumed)
                switch progress {
                case .needsMore:
                    needsMore = true
                case .bodyFollows:
                    break
                case .complete:
                    outcomes.append(Self.describe(parser))
                    parser.reset()
                case .failed(let error):
                    outcomes.append("\(error.code)")
                    return outcomes
                }
            }
        }
        return outcomes
    }

    private static func describe(_ parser: RequestParser) -> String {
        let request = parser.request
        let head = request.head
        let fields = head.fields.map { "\(head.string($0.name)):\(head.string($0.value))" }
        let parts = [head.string(request.method), head.string(request.path), head.string(request.query)]
        return
            "\(parts) \(head.string(request.host)) \(request.version) \(parser.allowsKeepAlive) \(fields) \(request.body)"
    }
}
