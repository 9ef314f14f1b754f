/// Finds the line of a manifest's field in the script that returned it.
///
/// Reads the table of the script's last top-level `return`, or, for `return name`, what the top level assigns to `name` and its
/// fields. A manifest that is built in other ways has no lines; the error then names the file alone.
struct ManifestLocator {
    /// A step into a table: a field, or a position from 1.
    enum Key: Hashable {
        case field(String)
        case index(Int)
    }

    private final class Node {
        let line: Int
        var children: [Key: Node] = [:]

        init(line: Int) {
            self.line = line
        }
    }

    private static let maximumDepth = 32

    private let source: [UInt8]
    private let tokens: [LuaLexer.Token]
    private var root: Node?

    init(_ source: [UInt8]) {
        self.source = source
        self.tokens = LuaLexer.tokens(source)
        self.root = nil
        self.root = self.findRoot()
    }

    /// The line of the field, or of the nearest table around it that has one.
    func line(of path: [Key]) -> Int? {
        guard var node = self.root else { return nil }
        for key in path {
            guard let child = node.children[key] else { break }
            node = child
        }
        return node.line
    }

    private func findRoot() -> Node? {
        let starts = self.topLevelStatements()
        guard let last = starts.last(where: { self.text($0) == "return" }) else { return nil }
        let root = Node(line: self.tokens[last].line)
        if self.text(last + 1) == "{" {
            _ = self.parseTable(at: last + 1, before: self.tokens.count, into: root, depth: 0)
            return root
        }
        guard last + 1 < self.tokens.count, self.tokens[last + 1].kind == .name else { return root }
        self.collect(assignmentsTo: self.text(last + 1), at: starts.filter { $0 < last }, into: root)
        return root
    }

    /// Indices of all tokens outside of any block and bracket.
    private func topLevelStatements() -> [Int] {
        var depth = 0
        return self.tokens.indices.filter { index in
            let change = self.nesting(index)
            depth = max(0, depth + min(0, change))
            defer { depth += max(0, change) }
            return depth == 0
        }
    }

    /// `name = {...}`, `name.field = value` and `function name.field`.
    private func collect(assignmentsTo name: String, at indices: [Int], into root: Node) {
        for start in indices {
            let index = self.text(start) == "function" ? start + 1 : start
            guard self.text(index) == name else { continue }
            if self.text(index + 1) == "=", self.text(index + 2) == "{" {
                _ = self.parseTable(at: index + 2, before: self.tokens.count, into: root, depth: 0)
            } else if self.text(index + 1) == ".", index + 2 < self.tokens.count {
                let node = Node(line: self.tokens[index].line)
                root.children[.field(self.text(index + 2))] = node
                if self.text(index + 3) == "=", self.text(index + 4) == "{" {
                    _ = self.parseTable(at: index + 4, before: self.tokens.count, into: node, depth: 1)
                }
            }
        }
    }

    /// Reads the table constructor whose `{` is at `start`; the index after its `}`.
    ///
    /// It looks at nothing from `limit` on, and a table in it at nothing beyond its own entry: each token is read once at each
    /// depth, even where brackets don't match.
    private func parseTable(at start: Int, before limit: Int, into node: Node, depth: Int) -> Int {
        var index = start + 1
        var position = 0
        while index < limit, self.text(index) != "}" {
            let line = self.tokens[index].line
            let (key, valueStart) = self.key(at: index, position: &position)
            let child = Node(line: line)
            if let key { node.children[key] = child }
            let end = self.endOfValue(from: valueStart, before: limit)
            if self.text(valueStart) == "{", depth < Self.maximumDepth,
                self.parseTable(at: valueStart, before: end, into: child, depth: depth + 1) != end
            {
                // The table is only the beginning of an expression.
                child.children = [:]
            }
            index = end
            // In a broken script an entry may be empty: a stray bracket is stepped over like a separator.
            if index < limit, self.text(index) != "}" { index += 1 }
        }
        return index + 1
    }

    /// The key of the entry at `index`, and where its value begins. An entry without key has the next position.
    private func key(at index: Int, position: inout Int) -> (Key?, Int) {
        if self.text(index + 1) == "=", self.tokens[index].kind == .name {
            return (.field(self.text(index)), index + 2)
        }
        if self.text(index) == "[", self.text(index + 2) == "]", self.text(index + 3) == "=" {
            switch self.tokens[index + 1].kind {
            case .string: return (.field(self.content(index + 1)), index + 4)
            case .number: return (Int(self.content(index + 1)).map { .index($0) }, index + 4)
            case .name, .symbol: return (nil, index + 4)
            }
        }
        position += 1
        return (.index(position), index)
    }

    /// The index of the `,`, `;` or `}` that ends the expression at `start`; `limit` where there is none before it.
    private func endOfValue(from start: Int, before limit: Int) -> Int {
        var depth = 0
        var index = start
        while index < limit {
            let change = self.nesting(index)
            if depth == 0 && (change < 0 || self.text(index) == "," || self.text(index) == ";") { return index }
            depth += change
            index += 1
        }
        return index
    }

    /// +1 for what opens a block or bracket, -1 for what closes one. `while` and `for` open with their `do`, `else` and `elseif`
    /// stay in the block of their `if`.
    private func nesting(_ index: Int) -> Int {
        switch (self.tokens[index].kind, self.text(index)) {
        case (.symbol, "{"), (.symbol, "("), (.symbol, "["): 1
        case (.symbol, "}"), (.symbol, ")"), (.symbol, "]"): -1
        case (.name, "function"), (.name, "do"), (.name, "if"), (.name, "repeat"): 1
        case (.name, "end"), (.name, "until"): -1
        default: 0
        }
    }

    /// The text of a name or symbol; empty for literals and beyond the end.
    private func text(_ index: Int) -> String {
        guard index < self.tokens.count, [.name, .symbol].contains(self.tokens[index].kind) else { return "" }
        return self.content(index)
    }

    private func content(_ index: Int) -> String {
        String(decoding: self.source[self.tokens[index].range], as: UTF8.self)
    }
}
