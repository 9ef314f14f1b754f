import EdgeIsolate

/// What the operator sets in `edgehost.lua`: a Lua file that returns a table, evaluated in an isolate of its own.
public struct HostConfiguration: Sendable {
    public var workers: String?
    public var data: String?
    public var listen: String?
    /// Event loops; nil for one per core.
    public var threads: Int?
    /// The most that all isolates may take together, in bytes; nil for half of the machine's memory.
    public var isolateMemoryBytes: Int?
    /// A folder with one file per secret, named as the secret.
    public var secrets: String?
    public var logLevel: String?
    /// Whether the server confines itself; nil for: as far as the kernel lets it.
    public var sandbox: Bool?
    /// Folders that the server may read in its sandbox, besides those it needs.
    public var sandboxReadable: [String] = []
    /// PEM files of a certificate chain and its private key.
    public var tls: (certificate: String?, key: String?)
    public var startup = DeploymentLoader.defaultStartup
    public var ceilings = LimitCeilings()
    public var connections = ConnectionSettings()

    public init() {}

    /// Reads the text of a configuration file. Throws ``ConfigurationError`` with all that is wrong.
    public init(source: [UInt8], file: String, clock: RuntimeClock = .system) throws(ConfigurationError) {
        // Most files are constants. A Lua state for them is a good part of a start; it tells what is wrong with one that has mistakes.
        if let value = ConstantTable.value(of: source), let plain = try? HostConfiguration(value, file) {
            self = plain
        } else {
            try self.init(Self.evaluate(source, file, clock), file)
        }
    }

    private init(_ value: Value, _ file: String) throws(ConfigurationError) {
        var problems: [String] = []
        for entry in try Self.fields(value, file) { self.set(entry, &problems) }
        guard problems.isEmpty else {
            throw ConfigurationError(description: problems.map { "\(file): \($0)" }.joined(separator: "\n"))
        }
    }

    static func evaluate(
        _ source: [UInt8],
        _ file: String,
        _ clock: RuntimeClock
    ) throws(ConfigurationError) -> Value {
        do throws(BuildError) {
            let builder = try IsolateBuilder.boot(
                budget: DeploymentLoader.defaultStartup,
                prelude: Prelude.compiled,
                operations: HostOperation.table
            )
            let results = try builder.run(
                entry: Prelude.load,
                arguments: [.text(file), .string(source)],
                unixMilliseconds: clock.unixMilliseconds()
            ) { _, _, reply in
                reply.failReply("require: a configuration has no modules")
            }
            return results.first ?? .nil
        } catch {
            switch error {
            case .script(let failure): throw ConfigurationError(description: failure.message)
            default: throw ConfigurationError(description: "\(file): it could not be evaluated (\(error))")
            }
        }
    }

    private static func fields(_ value: Value, _ file: String) throws(ConfigurationError) -> [Value.Entry] {
        switch value {
        case .table(let entries): return entries
        case .array(let members) where members.isEmpty: return []
        default:
            throw ConfigurationError(description: "\(file): it must return a table, got a \(value.typeName)")
        }
    }

    private mutating func set(_ entry: Value.Entry, _ problems: inout [String]) {
        let name = entry.key.text ?? entry.key.typeName
        switch name {
        case "workers": self.workers = Self.string(entry, &problems)
        case "data": self.data = Self.string(entry, &problems)
        case "listen": self.listen = Self.string(entry, &problems)
        case "secrets": self.secrets = Self.string(entry, &problems)
        case "log_level": self.logLevel = Self.string(entry, &problems)
        case "sandbox": self.setSandbox(entry, &problems)
        case "threads": self.threads = Self.integer(entry, 1...1024, &problems)
        case "isolate_memory_mb":
            self.isolateMemoryBytes = Self.integer(entry, 16...(1 << 24), &problems).map { $0 << 20 }
        case "startup":
            for field in Self.table(entry, &problems) {
                switch field.key.text {
                case "cpu_ms":
                    Self.integer(field, 1...600_000, &problems).map { self.startup.cpuMicroseconds = $0 * 1000 }
                case "memory_mb":
                    Self.integer(field, 1...2048, &problems).map { self.startup.memoryBytes = $0 << 20 }
                default:
                    problems.append("startup has the fields cpu_ms and memory_mb")
                }
            }
        case "tls":
            for field in Self.table(entry, &problems) {
                switch field.key.text {
                case "cert": self.tls.certificate = Self.string(field, &problems)
                case "key": self.tls.key = Self.string(field, &problems)
                default: problems.append("tls has the fields cert and key")
                }
            }
        case "limits":
            for field in Self.table(entry, &problems) {
                guard let limit = LimitField.all.first(where: { $0.name == field.key.text }) else {
                    let known = LimitField.all.map(\.name).joined(separator: ", ")
                    problems.append("limits has the fields \(known)")
                    continue
                }
                Self.integer(field, 1...(1 << 31) / limit.scale, &problems).map {
                    self.ceilings.maximum[keyPath: limit.path] = $0 * limit.scale
                }
            }
        case "connections": self.setConnections(entry, &problems)
        default:
            problems.append(
                "there is no field '\(name)': the fields are workers, data, listen, threads, isolate_memory_mb, "
                    + "secrets, log_level, sandbox, tls, startup, limits and connections"
            )
        }
    }

    private mutating func setConnections(_ entry: Value.Entry, _ problems: inout [String]) {
        for member in Self.table(entry, &problems) {
            guard let field = ConnectionField.all.first(where: { $0.name == member.key.text }) else {
                let known = ConnectionField.all.map(\.name).joined(separator: ", ")
                problems.append("connections has the fields \(known)")
                continue
            }
            if let number = Self.integer(member, field.range, &problems) {
                self.connections[keyPath: field.path] = number
            }
        }
    }

    private static func string(_ entry: Value.Entry, _ problems: inout [String]) -> String? {
        if let text = entry.value.text { return text }
        problems.append("\(entry.key.text ?? "?") is a string, got a \(entry.value.typeName)")
        return nil
    }

    private static func integer(
        _ entry: Value.Entry,
        _ range: ClosedRange<Int>,
        _ problems: inout [String]
    ) -> Int? {
        if case .integer(let integer) = entry.value, range.contains(Int(clamping: integer)) { return Int(integer) }
        let name = entry.key.text ?? "?"
        problems.append("\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
        return nil
    }

    private static func table(_ entry: Value.Entry, _ problems: inout [String]) -> [Value.Entry] {
        if case .table(let entries) = entry.value { return entries }
        problems.append("\(entry.key.text ?? "?") is a table, got a \(entry.value.typeName)")
        return []
    }
}

/// What is wrong with a configuration: one line a problem, each with the file.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(description: String) {
        self.description = description
    }
}
