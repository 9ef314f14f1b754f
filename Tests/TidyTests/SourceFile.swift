/// What a file is written in, by its name.
enum Language: Equatable {
    case swift
    case c
    case lua
    /// Documents, scripts, settings: all of it counts as prose.
    case prose

    init(path: String) {
        switch path.split(separator: "/").last?.split(separator: ".").last {
        case "swift": self = .swift
        case "c", "h": self = .c
        case "lua": self = .lua
        default: self = .prose
        }
    }
}

/// A file of the repository, with its code, its comments and its strings told apart.
struct SourceFile: Sendable {
    /// From the root of the repository, such as `Sources/EdgeServer/Server.swift`.
    let path: String
    let language: Language
    /// The file as it is.
    let text: [UInt8]
    /// As long as `text`, what lies in comments and string literals replaced by spaces; line breaks stay.
    let code: [UInt8]
    /// As long as `text`, all but the comments replaced by spaces; line breaks stay. All of the text where it is prose.
    let comments: [UInt8]
    /// As long as `text`, the comments replaced by spaces; line breaks stay.
    let codeAndStrings: [UInt8]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.language = Language(path: path)
        self.text = bytes
        let kinds = Self.classify(bytes, as: self.language)
        self.code = Self.keep([.code], of: bytes, kinds: kinds)
        self.comments = Self.keep([.comment], of: bytes, kinds: kinds)
        self.codeAndStrings = Self.keep([.code, .string], of: bytes, kinds: kinds)
    }

    init(_ path: String, _ text: String) {
        self.init(path: path, bytes: Array(text.utf8))
    }

    /// The target a file below `Sources` or `Tests` belongs to; nil elsewhere.
    var target: String? {
        let parts = self.path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources" || parts[0] == "Tests" else { return nil }
        return String(parts[1])
    }

    var isSource: Bool { self.path.hasPrefix("Sources/") }
    var isTest: Bool { self.path.hasPrefix("Tests/") }

    /// How many lines the file has; a last line without a line break counts.
    var lineCount: Int {
        let endsOpen = !self.text.isEmpty && self.text.last != UInt8(ascii: "\n")
        return TextSearch.line(of: self.text.count, in: self.text) - (endsOpen ? 0 : 1)
    }

    /// Whether the file declares or extends the Swift type of that name.
    func declares(_ type: String) -> Bool {
        ["class", "struct", "enum", "actor", "extension"].contains { keyword in
            !TextSearch.offsets(of: "\(keyword) \(type)", in: self.code).isEmpty
        }
    }

    private static func classify(_ bytes: [UInt8], as language: Language) -> [ByteKind] {
        switch language {
        case .swift: SwiftClassifier.classify(bytes)
        case .c: CClassifier.classify(bytes)
        case .lua: LuaClassifier.classify(bytes)
        case .prose: [ByteKind](repeating: .comment, count: bytes.count)
        }
    }

    private static func keep(_ kept: Set<ByteKind>, of bytes: [UInt8], kinds: [ByteKind]) -> [UInt8] {
        var result = bytes
        for (index, kind) in kinds.enumerated() where !kept.contains(kind) && bytes[index] != UInt8(ascii: "\n") {
            result[index] = UInt8(ascii: " ")
        }
        return result
    }
}
