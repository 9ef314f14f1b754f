import Testing

@Suite struct RuleTests {
    @Test(arguments: Sample.all)
    func finds(_ sample: Sample) {
        let found = sample.rule.check(sample.files).sorted().map { "\($0.path):\($0.line)" }
        #expect(found == sample.expected.sorted())
    }

    @Test(arguments: Rule.all)
    func isShownToFailAndToHold(_ rule: Rule) {
        let samples = Sample.all.filter { $0.rule.name == rule.name }
        #expect(samples.contains { !$0.expected.isEmpty }, "no sample breaks this rule")
        #expect(samples.contains { $0.expected.isEmpty }, "no sample keeps this rule")
    }

    @Test func messagesNameFileAndLine() {
        let file = SourceFile("Sources/EdgeServer/A.swift", "let a = 1\nlet b = try! f()\n")
        let descriptions = Rule.noForce.check([file]).map(\.description)
        #expect(descriptions == ["Sources/EdgeServer/A.swift:2: try! crashes on bad input; handle the failure"])
    }
}

/// A few files and where the rule finds them wrong.
struct Sample: Sendable, CustomTestStringConvertible {
    let rule: Rule
    let name: String
    let files: [SourceFile]
    /// `path:line` of each violation.
    let expected: [String]

    var testDescription: String { "\(self.rule.name): \(self.name)" }

    init(_ rule: Rule, _ name: String, _ path: String, _ text: String, lines: [Int] = []) {
        self.init(rule, name, [SourceFile(path, text)], expected: lines.map { "\(path):\($0)" })
    }

    init(_ rule: Rule, _ name: String, _ files: [SourceFile], expected: [String] = []) {
        self.rule = rule
        self.name = name
        self.files = files
        self.expected = expected
    }

    static let all: [Sample] =
        Sample.imports + Sample.sizes + Sample.safety + Sample.prose + Sample.tests + Sample.composition + Sample.layout
}
