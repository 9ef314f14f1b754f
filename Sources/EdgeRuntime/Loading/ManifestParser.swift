import EdgeIsolate

/// Turns a script's result into a ``Manifest`` and collects what is wrong with it.
struct ManifestParser {
    struct Problem {
        let path: [ManifestLocator.Key]
        let message: String
    }

    private static let fields = [
        "routes", "kv", "vars", "secrets", "egress", "crons", "limits", "fetch", "scheduled", "queue",
    ]
    private static let maximumProblems = 50
    private static let maximumListCount = 256
    private static let maximumNesting = 16

    private(set) var manifest = Manifest()
    private(set) var problems: [Problem] = []
    private let ceilings: LimitCeilings
    /// The names in `env` so far, and the fields that brought them there.
    private var names: [String: String] = [:]

    init(ceilings: LimitCeilings) {
        self.ceilings = ceilings
        for field in LimitField.all {
            let ceiling = ceilings.maximum[keyPath: field.path]
            self.manifest.limits[keyPath: field.path] = min(self.manifest.limits[keyPath: field.path], ceiling)
        }
    }

    mutating func parse(_ value: Value) {
        if Self.isFunction(value) {
            self.manifest.isFunction = true
            self.manifest.handlers = .fetch
            return
        }
        guard let entries = Self.entries(value) else {
            let found = value == .nil ? "nothing" : "a \(value.typeName)"
            self.report(
                [],
                "the script must return a function or a table with fetch, scheduled or queue, but returns \(found)"
            )
            return
        }
        let fields = self.fields(of: entries, known: Self.fields, parent: nil)
        for name in Self.fields {
            if let value = fields[name] { self.parseField(name, value) }
        }
        self.checkHandlers(declaresRoutes: fields["routes"] != nil)
    }

    private mutating func parseField(_ name: String, _ value: Value) {
        switch name {
        case "routes": self.parseRoutes(value)
        case "kv": self.parseNamespaces(value)
        case "vars": self.parseVars(value)
        case "secrets": self.parseSecrets(value)
        case "egress": self.parseEgress(value)
        case "crons": self.parseCrons(value)
        case "limits": self.parseLimits(value)
        case "fetch": self.parseHandler(name, value, .fetch)
        case "scheduled": self.parseHandler(name, value, .scheduled)
        default: self.parseHandler(name, value, .queue)
        }
    }

    private mutating func checkHandlers(declaresRoutes: Bool) {
        let declaresHandler = self.problems.contains { problem in
            [[.field("fetch")], [.field("scheduled")], [.field("queue")]].contains(problem.path)
        }
        if declaresHandler { return }
        if self.manifest.handlers.isEmpty {
            self.report([], "the table has no handler: give it a function fetch, scheduled or queue")
        } else if declaresRoutes && !self.manifest.handlers.contains(.fetch) {
            self.report([.field("routes")], "routes needs a function fetch to serve them")
        }
    }

    private mutating func parseHandler(_ name: String, _ value: Value, _ handler: Manifest.Handlers) {
        guard Self.isFunction(value) else {
            return self.report([.field(name)], "\(name) must be a function, got \(Self.shown(value))")
        }
        self.manifest.handlers.insert(handler)
    }

    private mutating func parseRoutes(_ value: Value) {
        for (index, text) in self.strings("routes", value, of: "routes such as \"GET /cart/:user\"") {
            do throws(RoutePattern.Invalid) {
                self.manifest.routes.append(try RoutePattern(text))
            } catch {
                self.report("routes", index, "\(MessageText.quoted(text)) \(error.reason)")
            }
        }
    }

    private mutating func parseEgress(_ value: Value) {
        for (index, text) in self.strings("egress", value, of: "hosts such as \"api.example.com:443\"") {
            do throws(EgressPattern.Invalid) {
                self.manifest.egress.append(try EgressPattern(text))
            } catch {
                self.report("egress", index, "\(MessageText.quoted(text)) \(error.reason)")
            }
        }
    }

    private mutating func parseCrons(_ value: Value) {
        for (index, text) in self.strings("crons", value, of: "cron expressions such as \"*/5 * * * *\"") {
            do throws(CronExpression.Invalid) {
                self.manifest.crons.append(try CronExpression(text))
            } catch {
                self.report("crons", index, "\(MessageText.quoted(text)) \(error.reason)")
            }
        }
    }

    private mutating func parseNamespaces(_ value: Value) {
        for (index, text) in self.strings("kv", value, of: "namespaces such as \"CARTS\"") where text != "KV" {
            guard SourceName.isIdentifier(text), !text.hasPrefix("_") else {
                let rule = "must be a name of up to 64 letters, digits and \"_\", a letter first"
                self.report("kv", index, "\(MessageText.quoted(text)) \(rule)")
                continue
            }
            if self.claim(text, for: "kv", at: [.field("kv"), .index(index)]) { self.manifest.kv.append(text) }
        }
    }

    /// Messages give the position instead of the text: an author may have put the secret itself here.
    private mutating func parseSecrets(_ value: Value) {
        for (index, text) in self.strings(
            "secrets",
            value,
            of: "names such as \"PAYMENT_KEY\" (never the secrets themselves)"
        ) {
            guard SourceName.isIdentifier(text) else {
                self.report("secrets", index, "must be a name such as PAYMENT_KEY, never the secret itself")
                continue
            }
            let path: [ManifestLocator.Key] = [.field("secrets"), .index(index)]
            if self.claim(text, for: "secrets", at: path) { self.manifest.secrets.append(text) }
        }
    }

    private mutating func parseVars(_ value: Value) {
        guard let entries = Self.entries(value) else {
            return self.report([.field("vars")], "vars must be a table of names and values, got \(Self.shown(value))")
        }
        guard entries.count <= Self.maximumListCount else {
            return self.report([.field("vars")], "vars must have at most \(Self.maximumListCount) entries")
        }
        for (name, value) in self.fields(of: entries, known: nil, parent: "vars").sorted(by: { $0.key < $1.key }) {
            let path: [ManifestLocator.Key] = [.field("vars"), .field(name)]
            guard SourceName.isIdentifier(name) else {
                let rule = "must be a name of up to 64 letters, digits and \"_\", no digit first"
                self.report(path, "vars: \(MessageText.quoted(name)) \(rule)")
                continue
            }
            guard Self.isPlain(value, depth: 0) else {
                self.report(
                    path,
                    "vars.\(name) must be a string, number, boolean, or table of these, nested at most "
                        + "\(Self.maximumNesting) deep"
                )
                continue
            }
            if self.claim(name, for: "vars", at: path) {
                self.manifest.vars.append(Manifest.Variable(name: name, value: value))
            }
        }
    }

    private mutating func parseLimits(_ value: Value) {
        guard let entries = Self.entries(value) else {
            return self.report([.field("limits")], "limits must be a table, got \(Self.shown(value))")
        }
        let fields = self.fields(of: entries, known: LimitField.all.map(\.name), parent: "limits")
        for field in LimitField.all {
            guard let value = fields[field.name] else { continue }
            let maximum = self.ceilings.maximum[keyPath: field.path] / field.scale
            guard let amount = Self.wholeNumber(value), amount >= 1, amount <= maximum else {
                let rule = "must be a whole number from 1 to \(maximum), got \(Self.shown(value))"
                self.report([.field("limits"), .field(field.name)], "limits.\(field.name) \(rule)")
                continue
            }
            self.manifest.limits[keyPath: field.path] = amount * field.scale
        }
    }

    /// Takes a name of `env`; false, with a problem, when it is taken.
    private mutating func claim(_ name: String, for field: String, at path: [ManifestLocator.Key]) -> Bool {
        if name == "KV" {
            self.report(path, "\(field): the name KV is taken by the default namespace")
            return false
        }
        if let owner = self.names[name] {
            let place = owner == field ? "twice in \(field)" : "in \(owner) and in \(field)"
            self.report(path, "the name \(name) is \(place): each name of env must be given once")
            return false
        }
        self.names[name] = field
        return true
    }

    /// The entries of a list of strings with their positions from 1.
    private mutating func strings(_ field: String, _ value: Value, of what: String) -> [(Int, String)] {
        guard case .array(let items) = value else {
            self.report([.field(field)], "\(field) must be a list of \(what), got \(Self.kind(value))")
            return []
        }
        guard items.count <= Self.maximumListCount else {
            self.report([.field(field)], "\(field) must have at most \(Self.maximumListCount) entries")
            return []
        }
        var strings: [(Int, String)] = []
        for (index, item) in items.enumerated() {
            if let text = item.text {
                strings.append((index + 1, text))
            } else {
                self.report(field, index + 1, "must be a string, got \(Self.kind(item))")
            }
        }
        return strings
    }

    /// The entries with string keys; the others, and names that are not known, are problems.
    private mutating func fields(of entries: [Value.Entry], known: [String]?, parent: String?) -> [String: Value] {
        let path: [ManifestLocator.Key] = parent.map { [.field($0)] } ?? []
        var fields: [String: Value] = [:]
        for (index, entry) in entries.enumerated() {
            guard let name = entry.key.text else {
                let shown = Self.shown(entry.key)
                let key: [ManifestLocator.Key] = Self.wholeNumber(entry.key).map { [.index($0)] } ?? []
                self.report(path + key, "\(parent ?? "the manifest") must have named fields only, found [\(shown)]")
                if index > Self.maximumListCount { break }
                continue
            }
            if let known, !known.contains(name) {
                let suggestion = Suggestion.nearest(to: name, in: known).map { "did you mean \"\($0)\"?" }
                let hint = suggestion ?? "known are \(known.joined(separator: ", "))"
                let place = parent.map { " of \($0)" } ?? ""
                self.report(path + [.field(name)], "unknown field \(MessageText.quoted(name))\(place): \(hint)")
            } else {
                fields[name] = entry.value
            }
        }
        return fields
    }

    private mutating func report(_ field: String, _ index: Int, _ message: String) {
        self.report([.field(field), .index(index)], "\(field)[\(index)] \(message)")
    }

    private mutating func report(_ path: [ManifestLocator.Key], _ message: String) {
        guard self.problems.count < Self.maximumProblems else { return }
        self.problems.append(Problem(path: path, message: message))
    }
}

extension ManifestParser {
    private static func isFunction(_ value: Value) -> Bool {
        value == .opaque("function")
    }

    /// A table's entries, a list's with their positions; nil for what is no table.
    private static func entries(_ value: Value) -> [Value.Entry]? {
        switch value {
        case .table(let entries): entries
        case .array(let items):
            items.enumerated().map { Value.Entry(key: .integer(Int64($0.offset + 1)), value: $0.element) }
        case .nil, .bool, .integer, .number, .string, .opaque: nil
        }
    }

    private static func wholeNumber(_ value: Value) -> Int? {
        switch value {
        case .integer(let number): Int(exactly: number)
        case .number(let number): Int(exactly: number)
        case .nil, .bool, .string, .array, .table, .opaque: nil
        }
    }

    private static func isPlain(_ value: Value, depth: Int) -> Bool {
        guard depth <= Self.maximumNesting else { return false }
        switch value {
        case .bool, .integer, .number, .string: return true
        case .nil, .opaque: return false
        case .array(let items): return items.allSatisfy { self.isPlain($0, depth: depth + 1) }
        case .table(let entries): return entries.allSatisfy { self.isPlain($0.value, depth: depth + 1) }
        }
    }

    /// A value in a message: strings, numbers and booleans as such, all else by its type.
    private static func shown(_ value: Value) -> String {
        switch value {
        case .string(let bytes): MessageText.quoted(bytes)
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .bool(let flag): String(flag)
        case .nil, .array, .table, .opaque: self.kind(value)
        }
    }

    /// The type of a value in a message; says how a table that is no list differs.
    private static func kind(_ value: Value) -> String {
        guard case .table = value else { return value.typeName }
        return "a table with names or gaps"
    }
}
