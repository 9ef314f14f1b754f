import Testing

@Suite struct ClassifierTests {
    /// Text, and the same with `c` for each byte of comments, `s` for strings; all else is code.
    struct Case: Sendable, CustomTestStringConvertible {
        let path: String
        let text: String
        let expected: String
        var testDescription: String { "\(self.path): \(self.text.debugDescription)" }

        init(_ path: String, _ text: String, _ expected: String) {
            self.path = path
            self.text = text
            self.expected = expected
        }
    }

    static let cases = [
        Case("a.swift", "a // b\nc", "a cccc\nc"),
        Case("a.swift", "a /* b /* c */ d */ e", "a ccccccccccccccccc e"),
        Case("a.swift", #"f("a\"b") + g"#, #"f(ssssss) + g"#),
        Case("a.swift", #"f("//") // g"#, #"f(ssss) cccc"#),
        Case("a.swift", ##"#"a"b\(c)"# + d"##, "sssssssssss + d"),
        Case("a.swift", ##"#"a\#(b)"# + d"##, "ssssssbsss + d"),
        Case("a.swift", #""a\(b("c") + d)e" + f"#, "ssssb(sss) + dsss + f"),
        Case("a.swift", "\"\"\"\n\"a\"\n\"\"\" + b", "sss\nsss\nsss + b"),
        Case("a.swift", #""" + a"#, "ss + a"),
        Case("a.swift", "#if a\n#/\"/# + b", "#if a\nsssss + b"),
        Case("a.swift", "a \"b\nc", "a ss\nc"),
        Case("a.c", #"a = '"'; /* b // */ c; // d"#, "a = sss; cccccccccc c; cccc"),
        Case("a.c", #"f("\\", "/*") + g"#, "f(ssss, ssss) + g"),
        Case("a.lua", "a -- b\nc", "a cccc\nc"),
        Case("a.lua", "--[==[ a ]] b ]==] c", "cccccccccccccccccc c"),
        Case("a.lua", "a = [[ -- ]] .. '--' .. t[1]", "a = ssssssss .. ssss .. t[1]"),
        Case("a.md", "a", "c"),
    ]

    @Test(arguments: cases)
    func classifies(_ sample: Case) {
        let file = SourceFile(sample.path, sample.text)
        let shown = file.text.indices.map { index -> UInt8 in
            if file.text[index] == UInt8(ascii: "\n") || file.code[index] != UInt8(ascii: " ") {
                return file.text[index]
            }
            if file.comments[index] != UInt8(ascii: " ") { return UInt8(ascii: "c") }
            if file.codeAndStrings[index] != UInt8(ascii: " ") { return UInt8(ascii: "s") }
            return UInt8(ascii: " ")
        }
        // A blank is a blank wherever it stands, so those of the expectation's comments and strings count as such.
        let expected = zip(sample.expected.utf8, file.text).map { kind, byte in
            byte == UInt8(ascii: " ") ? byte : kind
        }
        #expect(String(decoding: shown, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
        #expect(sample.expected.utf8.count == file.text.count, "the expectation has one byte for each of the text's")
    }
}
