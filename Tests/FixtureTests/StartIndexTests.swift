import EdgeRuntime
import Glibc
import Testing

/// A start from the index of the last one: quick where nothing has changed, and right where anything has.
@Suite("the index of a start")
struct StartIndexTests {
    @Test("a start from the index serves what a scan would, and scans nothing")
    func isUsed() throws {
        let kept = try KeptFolder()
        try kept.keep()
        let deployment = try kept.load()
        let summary = try #require(deployment.summaries.first)
        #expect(summary.name == "kept" && summary.routes.map(\.description) == ["GET /kept/:who"] && summary.isKept)
        #expect(KeptFolder.answer(deployment) == KeptFolder.right)
        #expect(KeptFolder.answer(deployment, "/kept/you?later=1") == KeptFolder.right + "1")
        #expect(KeptFolder.answer(deployment, "/elsewhere").hasPrefix("404"))
        // A scan would have found it missing, and built it.
        unlink(try kept.file())
        let next = try kept.load()
        #expect(KeptFolder.answer(next).contains("load_failed"))
        #expect(KeptFolder.answer(next, loader: kept.loader(after: next)) == KeptFolder.right)
    }

    @Test("what is served and lost is never made good by another version")
    func lostAndChanged() throws {
        let kept = try KeptFolder()
        try kept.keep()
        let deployment = try kept.load()
        unlink(try kept.file())
        try kept.write("workers/kept/init.lua", "return function() return 'another' end")
        let text = KeptFolder.answer(deployment, loader: kept.loader(after: deployment))
        #expect(text.hasPrefix("500") && text.contains("load_failed"), "\(text)")
    }

    @Test("a reload after a start from the index keeps what did not change")
    func reload() throws {
        let kept = try KeptFolder()
        try kept.keep()
        let first = try kept.load()
        let second = try kept.load(after: first)
        #expect(first.workers.first?.image === second.workers.first?.image)
        try kept.write("workers/kept/answer.lua", "return function() return 43 end")
        let third = try kept.load(after: second)
        #expect(KeptFolder.answer(third) == "hello you 43 3")
    }

    @Test("any change to the folder is seen", arguments: Change.allCases)
    func changes(_ change: Change) throws {
        let kept = try KeptFolder()
        try kept.keep()
        try change.make(in: kept)
        let answer = try KeptFolder.answer(kept.load(), change.target)
        if let expected = change.answer {
            #expect(answer == expected)
        } else {
            #expect(answer.hasPrefix("500") || answer.hasPrefix("404"), "no version of it loads: \(answer)")
        }
    }

    enum Change: String, CaseIterable {
        case sameSize, sameTimes, moved, appeared, became, deletedModule, broken

        var target: String { self == .appeared ? "/new" : "/kept/you" }

        var answer: String? {
            switch self {
            case .sameSize, .sameTimes, .moved: "hello you 43 3"
            case .appeared: "new"
            case .became: "became"
            case .deletedModule, .broken: nil
            }
        }

        func make(in kept: KeptFolder) throws {
            let file = kept.path + "/workers/kept/answer.lua"
            let text = "return function() return 43 end"
            switch self {
            case .sameSize:
                try kept.write("workers/kept/answer.lua", text)
            case .sameTimes:
                var status = stat()
                #expect(stat(file, &status) == 0)
                try kept.write("workers/kept/answer.lua", text)
                let times = [status.st_atim, status.st_mtim]
                #expect(utimensat(AT_FDCWD, file, times, 0) == 0)
            case .moved:
                try kept.write("workers/kept/answer.new", text)
                #expect(rename(kept.path + "/workers/kept/answer.new", file) == 0)
            case .appeared:
                try kept.write("workers/new.lua", "return function() return 'new' end")
            case .became:
                #expect(rename(kept.path + "/workers/kept", kept.path + "/workers/other") == 0)
                try kept.write(
                    "workers/kept.lua",
                    "return { routes = { '/kept/*' }, fetch = function() return 'became' end }"
                )
                try kept.write("workers/other/init.lua", "return { routes = { '/other' }, fetch = function() end }")
            case .deletedModule:
                unlink(file)
            case .broken:
                try kept.write("workers/kept/init.lua", "return function( end")
            }
        }
    }

    @Test("an index of other ceilings, or a damaged one, is as none")
    func damage() throws {
        var kept = try KeptFolder()
        try kept.keep()
        let whole = try kept.read(".index")
        var generator = SystemRandomNumberGenerator()
        for place in Array(0..<48) + (0..<60).map({ _ in Int.random(in: 0..<whole.count, using: &generator) }) {
            var bytes = whole
            bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
            try kept.overwrite(bytes, ".index")
            #expect(try KeptFolder.answer(kept.load()) == KeptFolder.right, "byte \(place)")
        }
        for count in [0, 20, 47, 48, whole.count - 1] {
            try kept.overwrite(whole.prefix(count), ".index")
            #expect(try KeptFolder.answer(kept.load()) == KeptFolder.right, "\(count) bytes")
        }
        try kept.overwrite(whole, ".index")
        kept.ceilings.maximum.memoryBytes = 4 << 20
        #expect(try kept.load().diagnostics.map(\.line) == [5])
    }

    @Test("a module that a handler asks for late is the one of the start, or an error")
    func lateModules() throws {
        let kept = try KeptFolder()
        try kept.keep()
        let deployment = try kept.load()
        try kept.write("workers/kept/later.lua", "return 2")
        let answer = KeptFolder.answer(deployment, "/kept/you?later=1")
        #expect(answer.hasPrefix("500") && answer.contains("has changed since the workers were loaded"), "\(answer)")
        #expect(try KeptFolder.answer(kept.load(), "/kept/you?later=1") == KeptFolder.right + "2")
    }

    @Test("there is no index of what is wrong, or reached through a link")
    func isNotWritten() throws {
        let kept = try KeptFolder()
        try kept.keep()
        let whole = kept.path + "/workers/linked.lua"
        #expect(symlink("kept/answer.lua", whole) == 0)
        let first = try kept.load()
        kept.keep(first)
        #expect((try? kept.file(".index")) == nil)
        unlink(whole)
        try kept.keep()
        try kept.write("workers/bad.lua", "return function( end")
        let second = try kept.load()
        #expect(second.diagnostics.count == 1)
        kept.keep(second)
        #expect((try? kept.file(".index")) == nil)
    }
}
