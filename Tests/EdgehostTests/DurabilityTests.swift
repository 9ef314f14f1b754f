import Glibc
import Synchronization
import Testing

/// What was acknowledged is there after a `kill -9`.
@Suite struct DurabilityTests {
    private static let store = """
        return function(request, env)
          local key = request.query.key
          if request.method == "PUT" then
            env.KV:put(key, "value of " .. key)
            return "stored"
          end
          return env.KV:get(key) or "nothing"
        end
        """

    @Test func acknowledgedPutsSurviveAKill() async throws {
        let workspace = try Workspace(["store.lua": Self.store])
        // Below a parent process the kill would be followed by a restart.
        let server = try RunningServer(workspace, ["serve", "--no-parent"])
        let acknowledged = Collection<String>()
        let (process, port) = (server.process, server.port)
        await withTaskGroup { group in
            for number in 0..<4 {
                group.addTask {
                    // Connected only when the task runs: a connection that waits for its turn may idle out. Ends with the
                    // connection, which the kill breaks.
                    let client = try? HTTPClient(port: port)
                    for round in 0... {
                        let key = "\(number)-\(round)"
                        guard let response = try? client?.request("PUT", "/store?key=\(key)"),
                            response.body == "stored"
                        else { return }
                        if acknowledged.append(key) == 300 { process.signal(SIGKILL) }
                    }
                }
            }
        }
        #expect(try server.process.waitForEnd() == .signal(SIGKILL))
        let keys = acknowledged.elements
        #expect(keys.count >= 300)
        let again = try RunningServer(workspace)
        let client = try again.client()
        for key in keys {
            #expect(try client.request("GET", "/store?key=\(key)").body == "value of \(key)")
        }
    }

    @Test func incrementsOfSeveralConnectionsAllCount() async throws {
        let workspace = try Workspace(["count.lua": "return function(_, e) return tostring(e.KV:increment('n')) end"])
        let server = try RunningServer(workspace)
        let seen = Collection<Int>()
        let port = server.port
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    // Connected only when the task runs: a connection that waits for its turn may idle out.
                    let client = try HTTPClient(port: port)
                    for _ in 0..<50 {
                        let body = try client.request("GET", "/count").body
                        seen.append(Int(body) ?? 0)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(seen.elements.sorted() == Array(1...200))
        #expect(try server.stop() == .exit(0))
    }
}

/// What several tasks have gathered.
private final class Collection<Element: Sendable>: Sendable {
    private let gathered = Mutex<[Element]>([])

    var elements: [Element] { self.gathered.withLock { $0 } }

    /// Returns how many there are now.
    @discardableResult
    func append(_ element: Element) -> Int {
        self.gathered.withLock { gathered in
            gathered.append(element)
            return gathered.count
        }
    }
}
