/// How much load to make, and for how long. Times are in ns.
struct LoadPlan: Sendable {
    enum Pace: Sendable, Equatable {
        /// Closed loop: each connection sends its next request when its last is answered.
        case maximum
        /// Open loop: so many requests a second become due, whatever becomes of them.
        case rate(Double, ArrivalSchedule.Arrivals)
    }

    var connections = 16
    var pace = Pace.maximum
    /// What is due in it is not recorded.
    var warmUp: UInt64 = 1_000_000_000
    var duration: UInt64 = 10_000_000_000
    /// For one answer, from when its request was sent; then the connection is given up.
    var timeout: UInt64 = 10_000_000_000
    /// Of Poisson arrivals.
    var seed: UInt64 = 1

    /// When requests are recorded: those due in it, from the start of the run.
    var window: Range<UInt64> { self.warmUp..<self.warmUp + self.duration }

    static let maximumConnections = 16_384
    static let maximumRate = 1_000_000.0
    static let maximumSeconds = 86_400.0

    func validate() throws(LoadError) {
        guard (1...Self.maximumConnections).contains(self.connections) else {
            throw LoadError("a load has 1 to \(Self.maximumConnections) connections; got \(self.connections)")
        }
        if case .rate(let rate, _) = self.pace, !(rate > 0 && rate <= Self.maximumRate) {
            throw LoadError(
                "a rate lies above 0 and is at most \(Int(Self.maximumRate)) requests a second; got \(rate)"
            )
        }
    }

    /// Nanoseconds of an option's seconds.
    static func nanoseconds(_ seconds: Double, _ option: String, minimum: Double = 0) throws(LoadError) -> UInt64 {
        guard seconds >= minimum, seconds <= Self.maximumSeconds else {
            let range = "\(minimum) to \(Int(Self.maximumSeconds)) seconds"
            throw LoadError("\(option) takes \(range); got \(seconds)")
        }
        return UInt64(seconds * 1e9)
    }
}
