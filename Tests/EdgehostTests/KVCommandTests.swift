import Glibc
import Testing

/// `edgehost kv`, alone and beside a server.
@Suite struct KVCommandTests {
    private func kv(_ arguments: String..., in workspace: Workspace) throws -> Command {
        try Command(["kv"] + arguments, in: workspace)
    }

    @Test func readingNeedsAStore() throws {
        let workspace = try Workspace()
        let command = try self.kv("get", "key", "--data", "elsewhere", in: workspace)
        #expect(command.error.contains("there is no store in 'elsewhere'"))
        #expect(access("\(workspace.path)/elsewhere", F_OK) != 0)
    }

    @Test func putGetListDelete() throws {
        let workspace = try Workspace()
        #expect(try self.kv("put", "b", "two", in: workspace).output == "stored version 1\n")
        #expect(try self.kv("put", "a", "one", in: workspace).isSuccess)
        #expect(try self.kv("put", "b", "zwei", in: workspace).output.hasPrefix("stored version "))
        #expect(try self.kv("get", "b", in: workspace).output == "zwei\n")
        #expect(try self.kv("list", in: workspace).output == "a\nb\n")
        #expect(try self.kv("list", "--prefix", "b", in: workspace).output == "b\n")
        #expect(try self.kv("list", "--limit", "1", in: workspace).output == "a\n")
        #expect(try self.kv("get", "b", "--namespace", "CARTS", in: workspace).end == .exit(1))
        #expect(try self.kv("delete", "b", in: workspace).output == "deleted\n")
        #expect(try self.kv("list", in: workspace).output == "a\n")
    }

    @Test func whatIsNotThere() throws {
        let workspace = try Workspace()
        #expect(try self.kv("put", "other", "1", in: workspace).isSuccess)
        for command in ["get", "delete"] {
            let result = try self.kv(command, "nothing", in: workspace)
            #expect(result.end == .exit(1))
            #expect(result.output == "")
            #expect(result.error == "edgehost: there is no such key in KV\n")
        }
        #expect(try self.kv("list", "--prefix", "nothing", in: workspace).output == "")
    }

    @Test func theStoreIsTheOneOfTheOptions() throws {
        let workspace = try Workspace()
        #expect(try self.kv("put", "a", "1", "--data", "one", in: workspace).isSuccess)
        #expect(try self.kv("get", "a", "--data", "two", in: workspace).end == .exit(1))
        try workspace.writeBeside("edgehost.lua", "return { data = 'one' }")
        #expect(try self.kv("get", "a", in: workspace).output == "1\n")
    }

    @Test func limitsAreToldInWords() throws {
        let workspace = try Workspace()
        let cases: [(arguments: [String], part: String)] = [
            (["put", String(repeating: "k", count: 513), "v"], "512"),
            (["put", "", "v"], "key"),
            (["put", "a", "v", "--ttl", "0"], "TTL"),
            (["put", "a", "v", "--ttl=-1"], "TTL"),
            (["get", "a", "--namespace", "no name"], "namespace"),
        ]
        for (arguments, part) in cases {
            let result = try Command(["kv"] + arguments, in: workspace)
            #expect(result.end == .exit(1), "\(arguments)")
            #expect(result.error.lowercased().contains(part.lowercased()), "\(arguments): \(result.error)")
        }
    }

    @Test func besideAServerBothSeeEachOther() throws {
        let workspace = try Workspace([
            "store.lua": """
            return { kv = { "CARTS" }, fetch = function(request, env)
              local key = request.query.key
              if request.method == "PUT" then env.CARTS:put(key, request:text()) end
              return env.CARTS:get(key) or "nothing"
            end }
            """
        ])
        let server = try RunningServer(workspace)
        let client = try server.client()
        for round in 1...3 {
            #expect(try self.kv("put", "a", "tool \(round)", "--namespace", "CARTS", in: workspace).isSuccess)
            #expect(try client.request("GET", "/store?key=a").body == "tool \(round)")
            #expect(try client.request("PUT", "/store?key=b", body: "server \(round)").status == 200)
            #expect(try self.kv("get", "b", "--namespace", "CARTS", in: workspace).output == "server \(round)\n")
        }
        #expect(try self.kv("list", "--namespace", "CARTS", in: workspace).output == "a\nb\n")
        #expect(try self.kv("delete", "a", "--namespace", "CARTS", in: workspace).isSuccess)
        #expect(try client.request("GET", "/store?key=a").body == "nothing")
    }
}
