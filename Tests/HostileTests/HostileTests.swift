import EdgeRuntime
import NIOPosix
import Testing

/// Each script several times, two at a time, over real HTTP, while the honest worker is asked in between.
@Suite("hostile scripts", .serialized)
struct HostileTests {
    private static let clients = 2
    private static let roundsPerClient = 3

    @Test("every script says what it expects")
    func everyScriptSaysWhatItExpects() throws {
        #expect(try HostileScripts.all.get().count >= 100)
        let server = try HostileServer.shared.get()
        let unloaded = try HostileScripts.all.get().filter { $0.expected == [.loadFailed] }.map(\.name)
        #expect(Set(server.diagnostics.map(\.worker)) == Set(unloaded), "\(server.diagnostics)")
    }

    @Test("a script ends as expected, and nobody else notices", arguments: (try? HostileScripts.all.get()) ?? [])
    func endsAsExpected(_ script: HostileScript) throws {
        let server = try HostileServer.shared.get()
        let rounds = Self.roundsPerClient
        try Self.run(script, on: server, rounds: rounds)
    }

    /// The first pass brings caches and pools to their size; what each further pass keeps would be a leak.
    @Test("a pass over all scripts leaves nothing behind")
    func leavesNothingBehind() throws {
        let scripts = try HostileScripts.all.get()
        let server = try HostileServer.shared.get()
        for script in scripts { try Self.run(script, on: server, rounds: 1) }
        let before = try ProcessUse.now()
        for script in scripts { try Self.run(script, on: server, rounds: 1) }
        let after = try ProcessUse.now()
        #expect(try server.activeInvocations() == 0)
        // Other suites of the process run beside this one: the bounds are above what they hold, and below one for each
        // request.
        #expect(after.descriptors - before.descriptors < scripts.count / 4)
        #expect(after.threads - before.threads < 64)
        #expect(after.residentBytes - before.residentBytes < 256 << 20)
    }

    private static func run(_ script: HostileScript, on server: HostileServer, rounds: Int) throws {
        server.recorder.expect(script.name)
        let pool = NIOThreadPool.singleton
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let port = server.port
        let attacks = (0..<Self.clients).map { client in
            pool.runIfActive(eventLoop: eventLoop) {
                var attack = try Attack(script, port: port)
                return try attack.run(rounds: client * rounds + 1..<(client + 1) * rounds + 1)
            }
        }
        let responses = try attacks.flatMap { try $0.wait() }
        var problems = Self.problems(of: responses, script)
        if script.expected != [.loadFailed] {
            let reports = try server.recorder.waitForReports(responses.count)
            problems += Self.problems(of: reports, script)
            #expect(responses.map(\.status).sorted() == reports.map(\.status).sorted(), "\(script.name)")
        }
        for problem in Set(problems).sorted() {
            Issue.record("\(script.name): \(problem)")
        }
    }

    private static func problems(of responses: [HostileResponse], _ script: HostileScript) -> [String] {
        responses.compactMap { response in
            if let outcome = response.refusal {
                script.expected.contains(outcome) ? nil : "refused as \(outcome.rawValue)"
            } else if let body = script.body, !response.isBroken, response.text != body {
                "answered '\(response.text.prefix(300))'"
            } else {
                nil
            }
        }
    }

    private static func problems(of reports: [InvocationReport], _ script: HostileScript) -> [String] {
        reports.filter { !script.expected.contains($0.outcome) }.map { report in
            let failure = report.failure.map { "\($0.message)\n\($0.traceback)" } ?? ""
            return "ended as \(report.outcome.rawValue) \(failure.prefix(2000))"
        }
    }
}
