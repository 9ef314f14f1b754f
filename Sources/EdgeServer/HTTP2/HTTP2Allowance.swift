/// How much input a client may still send that brings nothing about: frames of unknown types, window updates by single bytes,
/// data for requests that are over, requests that are refused. What is useful earns new allowance. Whatever kind of frame
/// a flood is made of, it ends here at the latest.
struct HTTP2Allowance {
    /// A request that is served earns more than the largest head there is on average.
    static let perRequest = 16 * 1024
    /// What a refused request costs.
    static let perRefusal = 8 * 1024
    /// What each look at the clock earns: pings that keep a connection alive.
    static let perSweep = 1024

    private let maximum: Int
    private(set) var remaining: Int

    init(maximum: Int) {
        precondition(maximum > 0, "a client needs some allowance to begin")
        self.maximum = maximum
        self.remaining = maximum
    }

    var isExhausted: Bool {
        self.remaining < 0
    }

    mutating func spend(_ bytes: Int) {
        self.remaining -= bytes
    }

    mutating func earn(_ bytes: Int) {
        self.remaining = min(self.maximum, self.remaining + bytes)
    }
}
