import Histogram

extension LoadReport {
    /// For people: what was asked for, what came of it, a table of times.
    var text: String {
        let recorder = self.result.recorder
        var lines = [self.title, ""]
        let errors = LoadRecorder.Failure.allCases.filter { recorder.failures($0) > 0 }
            .map { "\($0.name) \(recorder.failures($0))" }
        let due = recorder.answered + recorder.failed + recorder.unsent
        var requests = "requests    \(due) due, \(recorder.answered) answered, \(recorder.unsent) not sent in time"
        if recorder.unsent > 0 {
            requests += ", the oldest due for \(Self.decimal(Double(recorder.oldestUnsent) / 1e9, 1)) s"
        }
        lines.append(requests)
        lines.append("statuses    " + recorder.statuses.map { "\($0.status): \($0.count)" }.joined(separator: ", "))
        lines.append("errors      " + (errors.isEmpty ? "none" : errors.joined(separator: ", ")))
        let rates = LoadRecorder.Kind.allCases.filter { recorder.arrived($0) > 0 }
            .map { "\($0.name) \(Self.decimal(self.perSecond(recorder.arrived($0)), 1))/s" }
        let megabytes = Self.decimal(self.perSecond(recorder.bytes) / 1e6, 2)
        lines.append("throughput  " + (rates + ["\(megabytes) MB/s"]).joined(separator: ", "))
        lines += ["", Self.row(["ms", "p50", "p90", "p99", "p99.9", "max", "n"])]
        for kind in LoadRecorder.Kind.allCases where recorder.latency(kind).totalCount > 0 {
            lines.append(Self.row(kind.name, recorder.latency(kind)))
        }
        if case .rate = self.result.plan.pace {
            for kind in LoadRecorder.Kind.allCases where recorder.service(kind).totalCount > 0 {
                lines.append(Self.row("\(kind.name), sent", recorder.service(kind)))
            }
            lines.append(Self.row("generator", recorder.lag))
            lines += [
                "", "Times count from when a request was due; \"sent\": from when a connection was free to send it;",
            ]
            lines.append("\"generator\": how late the load itself woke up, which the first times include.")
        }
        lines += ["", self.usage]
        return lines.joined(separator: "\n") + "\n"
    }

    private var title: String {
        let plan = self.result.plan
        let pace =
            switch plan.pace {
            case .maximum: "as fast as it answers"
            case .rate(let rate, let arrivals): "\(Self.decimal(rate, 1))/s (\(arrivals.rawValue))"
            }
        let seconds =
            "\(Self.decimal(self.result.recorder.seconds, 1)) s after \(Self.decimal(Double(plan.warmUp) / 1e9, 1)) s"
        let request = "\(self.target.method) \(self.target.url)"
        return "\(request): \(plan.connections) connections, \(pace), \(seconds) to warm up"
    }

    private var usage: String {
        let generator = Double(self.result.usage?.generatorNanoseconds ?? 0) / 1e9
        let own = "generator   \(Self.decimal(generator, 2)) s of CPU"
        guard let server = self.result.usage?.server else { return own }
        let cpu = Double(server.cpuNanoseconds) / 1e9
        var line = "server      \(Self.decimal(cpu, 2)) s of CPU"
        if let perAnswer = self.perAnswer(server.cpuNanoseconds) {
            let ticks = max(1, server.userMicroseconds + server.systemMicroseconds)
            let user = Int((Double(server.userMicroseconds) / Double(ticks) * 100).rounded())
            line += ", \(Self.decimal(perAnswer, 2)) us an answer (\(user)% user)"
        }
        let memory = [server.startKiB, server.endKiB, server.peakKiB].map { Self.decimal(Double($0) / 1024, 1) }
        return line + "; RSS \(memory[0]) MB, \(memory[1]) MB at the end, \(memory[2]) MB at most\n" + own
    }

    private static func row(_ name: String, _ histogram: Histogram<UInt64>) -> String {
        let times =
            [50, 90, 99, 99.9].map { histogram.valueAtPercentile($0) } + [
                histogram.totalCount > 0 ? histogram.maxRecorded : 0
            ]
        return Self.row([name] + times.map { Self.decimal(Double($0) / 1e6, 3) } + ["\(histogram.totalCount)"])
    }

    private static func row(_ cells: [String]) -> String {
        let first = cells[0] + String(repeating: " ", count: max(0, 18 - cells[0].count))
        return first + cells.dropFirst().map { MicrosecondText.padded($0, to: 11) }.joined()
    }

    /// With so many digits behind the point.
    private static func decimal(_ number: Double, _ digits: Int) -> String {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((number * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        return "\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
