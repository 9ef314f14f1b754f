import Testing

@Suite struct RepositoryTests {
    @Test(arguments: Rule.all)
    func rule(_ rule: Rule) throws {
        for violation in rule.check(try Repository.files()).sorted() {
            Issue.record("\(violation)")
        }
    }

    /// Without it a walk that finds nothing would satisfy every rule.
    @Test func walkFindsTheTree() throws {
        let paths = Set(try Repository.files().map(\.path))
        #expect(paths.isSuperset(of: ["Package.swift", ".gitignore", ".ci/run", "Tests/TidyTests/Rule.swift"]))
        #expect(paths.contains { $0.hasPrefix("Sources/CIsolate/") })
        #expect(paths.contains { $0.hasPrefix("Sources/EdgeServer/") })
        #expect(!paths.contains { $0.hasPrefix(".git/") || $0.hasPrefix(".build") })
    }

    /// A type that was renamed would be free to be built anywhere.
    @Test func longLivedTypesOfOursExist() throws {
        let sources = try Repository.files().filter { $0.isSource && $0.language == .swift }
        for type in Rule.longLived where type != "MultiThreadedEventLoopGroup" {
            #expect(sources.contains { $0.declares(type) }, "no type \(type) in Sources; correct Rule.longLived")
        }
    }
}
