/// Finds the functions of Swift and C code and their lines by matching brackets.
enum FunctionScanner {
    struct Function: Equatable {
        /// The line the declaration begins on, counted from 1.
        let line: Int
        /// From that line to the line of the closing brace, both included.
        let lineCount: Int
    }

    static func functions(in file: SourceFile) -> [Function] {
        switch file.language {
        case .swift: self.swiftFunctions(in: file.code)
        case .c: self.cFunctions(in: file.code)
        case .lua, .prose: []
        }
    }

    private static func swiftFunctions(in code: [UInt8]) -> [Function] {
        ["func", "init", "deinit", "subscript"].flatMap { keyword in
            TextSearch.offsets(of: keyword, in: code).compactMap { start -> Function? in
                // `.init(...)` and `self.init(...)` are calls.
                if start > 0, code[start - 1] == UInt8(ascii: ".") { return nil }
                guard let open = self.bodyOfDeclaration(at: start + keyword.utf8.count, in: code) else { return nil }
                return self.function(from: start, body: open, in: code)
            }
        }
    }

    /// The offset of the brace that opens the body of the declaration whose keyword ends at `offset`; nil where the
    /// declaration has no body, as in a protocol.
    private static func bodyOfDeclaration(at offset: Int, in code: [UInt8]) -> Int? {
        let declarators: Set<String> = [
            "func", "init", "deinit", "subscript", "var", "let", "case", "typealias", "associatedtype", "struct",
            "enum",
            "class", "extension", "protocol", "import",
        ]
        var depth = 0
        var position = offset
        while position < code.count {
            switch code[position] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return position
            case UInt8(ascii: "}") where depth == 0: return nil
            case let byte where TextSearch.isIdentifier(byte) && depth == 0:
                let end = code[position...].firstIndex { !TextSearch.isIdentifier($0) } ?? code.count
                if declarators.contains(String(decoding: code[position..<end], as: UTF8.self)) { return nil }
                position = end - 1
            default: break
            }
            if depth < 0 { return nil }
            position += 1
        }
        return nil
    }

    private static func cFunctions(in code: [UInt8]) -> [Function] {
        let code = self.withoutDirectives(code)
        var functions: [Function] = []
        var declaration: Int?
        var last: UInt8 = 0
        var position = 0
        while position < code.count {
            let byte = code[position]
            if byte == UInt8(ascii: "{") {
                let start = declaration ?? position
                // A body follows a parameter list; braces after anything else open a type or an initialiser.
                if last == UInt8(ascii: ")") { functions.append(self.function(from: start, body: position, in: code)) }
                position = self.end(ofBlockAt: position, in: code)
            }
            if byte == UInt8(ascii: ";") || (byte == UInt8(ascii: "{") && last == UInt8(ascii: ")")) {
                declaration = nil
            } else if declaration == nil, !TextSearch.isBlank(byte) {
                declaration = position
            }
            if !TextSearch.isBlank(byte) { last = byte }
            position += 1
        }
        return functions
    }

    private static func function(from start: Int, body open: Int, in code: [UInt8]) -> Function {
        let first = TextSearch.line(of: start, in: code)
        let last = TextSearch.line(of: self.end(ofBlockAt: open, in: code), in: code)
        return Function(line: first, lineCount: last - first + 1)
    }

    /// The offset of the brace that closes the one at `open`; the end of the code where none does.
    private static func end(ofBlockAt open: Int, in code: [UInt8]) -> Int {
        var depth = 0
        for position in open..<code.count {
            if code[position] == UInt8(ascii: "{") { depth += 1 }
            if code[position] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return position }
        }
        return code.count
    }

    /// The code with preprocessor directives, continued lines included, replaced by spaces.
    private static func withoutDirectives(_ code: [UInt8]) -> [UInt8] {
        var result = code
        var inDirective = false
        var atLineStart = true
        for position in code.indices {
            let byte = code[position]
            if byte == UInt8(ascii: "\n") {
                inDirective = inDirective && position > 0 && code[position - 1] == UInt8(ascii: "\\")
                atLineStart = true
                continue
            }
            if atLineStart, byte == UInt8(ascii: "#") { inDirective = true }
            if !TextSearch.isBlank(byte) { atLineStart = false }
            if inDirective { result[position] = UInt8(ascii: " ") }
        }
        return result
    }
}
