import Testing

/// Every `.worker` file, over all transports.
@Suite("fixtures")
struct FixtureTests {
    @Test("a fixture holds", arguments: FixtureDirectory.names, Transport.allCases)
    func holds(_ name: String, _ transport: Transport) throws {
        let fixture = try FixtureDirectory.read(name)
        guard fixture.settings.transport ?? transport == transport, fixture.suits(transport) else { return }
        for problem in try FixtureRunner.problems(of: fixture, over: transport) {
            Issue.record("\(name).worker: \(problem)")
        }
    }

    @Test("the fixtures are found")
    func areFound() {
        #expect(FixtureDirectory.names.count >= 20)
    }
}
