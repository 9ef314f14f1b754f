import EdgeRuntime

/// Runs a fixture over one transport and says what was not as expected.
struct FixtureRunner {
    private let fixture: Fixture
    private let transport: Transport
    private let observer = RecordingObserver()
    private let directory: TemporaryDirectory
    private(set) var problems: [String] = []

    init(_ fixture: Fixture, over transport: Transport) throws {
        self.fixture = fixture
        self.transport = transport
        self.directory = try TemporaryDirectory()
        try self.directory.makeFolder("workers")
    }

    /// All that differs, empty where the fixture holds.
    static func problems(of fixture: Fixture, over transport: Transport) throws -> [String] {
        var runner = try FixtureRunner(fixture, over: transport)
        try runner.run()
        return runner.problems
    }

    private mutating func run() throws {
        let setting = FixtureSetting(
            settings: self.fixture.settings,
            directory: self.directory,
            observer: self.observer
        )
        switch self.transport {
        case .dispatcher: try self.run(on: DispatcherHost(setting))
        case .kept: try self.run(on: DispatcherHost(setting, keepsImages: true))
        case .socket: try self.run(on: SocketHost(setting) { try WireClient(port: $0) })
        case .http2: try self.run(on: SocketHost(setting) { try HTTP2WireClient(port: $0) })
        }
    }

    private mutating func run(on host: consuming some FixtureHost) throws {
        do {
            for step in self.fixture.steps {
                switch step {
                case .load(let changes, let diagnostics, let line):
                    for change in changes { try self.directory.apply(change) }
                    self.compare(try host.load(), with: diagnostics, line: line)
                case .exchange(let exchange):
                    for _ in 0..<exchange.times { try self.perform(exchange, on: &host) }
                }
            }
        } catch {
            self.problems.append("\(error)")
        }
        try host.stop()
    }

    private mutating func perform(_ exchange: Fixture.Exchange, on host: inout some FixtureHost) throws {
        let reportsBefore = self.observer.reports.count
        _ = self.observer.takeLines()
        do {
            let response = try host.send(exchange.request)
            try host.finish()
            let report = self.observer.reports.dropFirst(reportsBefore).first
            var comparison = Comparison(expected: exchange.expected, transport: self.transport)
            comparison.compare(response)
            comparison.compare(report, log: self.observer.takeLines())
            let place = "line \(exchange.line), \(exchange.request.method) \(exchange.request.target)"
            self.problems += comparison.problems.map { "\(place): \($0)" }
        } catch {
            throw FixtureError("\(error)", line: exchange.line)
        }
    }

    private mutating func compare(_ found: [LoadDiagnostic], with expected: [TextPattern], line: Int) {
        let texts = found.map { "\($0.severity == .hint ? "hint: " : "")\($0)" }
        for pattern in expected where !texts.contains(where: { pattern.matches($0) }) {
            self.problems.append("line \(line): no diagnostic is '\(pattern)'; found: \(texts)")
        }
        for text in texts where !expected.contains(where: { $0.matches(text) }) {
            self.problems.append("line \(line): a diagnostic was not expected: '\(text)'")
        }
    }
}
