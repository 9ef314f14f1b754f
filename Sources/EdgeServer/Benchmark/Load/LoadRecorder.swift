import Histogram

/// What became of the requests of one run. Times are ns since its start.
///
/// Requests count in the window by when they were due, so that a server can't shift slow ones out of sight; the timeline and
/// the throughput count answers by when they arrived.
struct LoadRecorder: Sendable {
    /// Told apart, since an overloaded server does well to refuse fast, and that must not flatter its answers.
    enum Kind: Int, CaseIterable, Sendable {
        /// 200 to 399.
        case ok
        /// 503
        case unavailable
        case other

        init(status: Int) {
            switch status {
            case 200..<400: self = .ok
            case 503: self = .unavailable
            default: self = .other
            }
        }
    }

    enum Failure: Int, CaseIterable, Sendable {
        /// A connection that could not be opened. No request failed by it: they wait for others.
        case connect
        /// The connection ended before the answer did.
        case closed
        case timeout
        case malformed
    }

    /// One second of the window, the last one perhaps shorter.
    struct Second: Sendable {
        var answers = [Int](repeating: 0, count: Kind.allCases.count)
        var failures = 0
        /// At its end, in KiB; 0 where unknown.
        var residentKiB = 0
    }

    private(set) var window: Range<UInt64>
    /// How often each status was answered, by number.
    private var statusCounts = [Int](repeating: 0, count: 1000)
    private(set) var failures = [Int](repeating: 0, count: Failure.allCases.count)
    /// Requests due in the window and not sent when it ended.
    var unsent = 0
    /// How long the oldest request that was not sent had been due when the window ended, in ns.
    var oldestUnsent: UInt64 = 0
    /// Connections opened anew, after the server had closed them.
    var reconnects = 0
    private(set) var timeline: [Second]
    /// Answers that arrived in the window.
    private(set) var arrived = [Int](repeating: 0, count: Kind.allCases.count)
    /// Bytes that arrived in the window.
    private(set) var bytes = 0
    /// From due to answered, by kind.
    private(set) var latency = Self.histograms()
    /// From sent to answered, by kind.
    private(set) var service = Self.histograms()
    /// How late the generator woke up for requests that a connection was free for.
    private(set) var lag = Self.histogram()

    private static let second: UInt64 = 1_000_000_000

    init(window: Range<UInt64>) {
        self.window = window
        self.timeline = [Second](repeating: Second(), count: Self.seconds(window))
    }

    func failures(_ kind: Failure) -> Int { self.failures[kind.rawValue] }

    func latency(_ kind: Kind) -> Histogram<UInt64> { self.latency[kind.rawValue] }

    func service(_ kind: Kind) -> Histogram<UInt64> { self.service[kind.rawValue] }

    func arrived(_ kind: Kind) -> Int { self.arrived[kind.rawValue] }

    /// The statuses that were answered to requests due in the window, and how often.
    var statuses: [(status: Int, count: Int)] {
        self.statusCounts.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) }
    }

    /// Requests due in the window that were answered.
    var answered: Int { self.statusCounts.reduce(0, +) }

    /// Of the window, in seconds; 0 where it was ended before its start.
    var seconds: Double { Double(self.window.upperBound - self.window.lowerBound) / 1e9 }

    /// Requests due in the window that failed.
    var failed: Int { self.failures.reduce(0, +) - self.failures(.connect) }

    /// The generator woke up at `now` for a request that was due; what it is late counts in the latency too.
    mutating func lagged(due: UInt64, at now: UInt64) {
        guard self.window.contains(due) else { return }
        self.lag.record(now - min(due, now))
    }

    mutating func answer(status: Int, due: UInt64, sent: UInt64, at now: UInt64) {
        let kind = Kind(status: status).rawValue
        if let second = self.second(now) {
            self.timeline[second].answers[kind] += 1
            self.arrived[kind] += 1
        }
        guard self.window.contains(due) else { return }
        self.statusCounts[status] += 1
        self.latency[kind].record(now - due)
        self.service[kind].record(now - sent)
    }

    /// - Parameter due: of the request that failed; now, where it was a connection.
    mutating func failure(_ failure: Failure, due: UInt64, at now: UInt64) {
        if let second = self.second(now) { self.timeline[second].failures += 1 }
        if self.window.contains(due) { self.failures[failure.rawValue] += 1 }
    }

    mutating func received(_ count: Int, at now: UInt64) {
        if self.window.contains(now) { self.bytes += count }
    }

    mutating func resident(_ kibibytes: Int, at now: UInt64) {
        if let second = self.second(now) { self.timeline[second].residentKiB = kibibytes }
    }

    /// Ends the window early: nothing due later is recorded, and rates are those of the time that passed.
    mutating func end(at now: UInt64) {
        guard now < self.window.upperBound else { return }
        self.window = self.window.lowerBound..<max(self.window.lowerBound, now)
        self.timeline.removeLast(self.timeline.count - Self.seconds(self.window))
    }

    private static func seconds(_ window: Range<UInt64>) -> Int {
        Int((window.upperBound - window.lowerBound + Self.second - 1) / Self.second)
    }

    private func second(_ now: UInt64) -> Int? {
        guard self.window.contains(now) else { return nil }
        return Int((now - self.window.lowerBound) / Self.second)
    }

    private static func histograms() -> [Histogram<UInt64>] { Kind.allCases.map { _ in Self.histogram() } }

    /// A thousandth exact; an hour fits without a change of size.
    private static func histogram() -> Histogram<UInt64> {
        var histogram = Histogram<UInt64>(
            highestTrackableValue: 3_600_000_000_000,
            numberOfSignificantValueDigits: .three
        )
        histogram.autoResize = true
        return histogram
    }
}
