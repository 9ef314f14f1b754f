import EdgeIsolate

/// What a worker's script returned: its handlers and what it asks for.
public struct Manifest: Sendable, Equatable {
    /// The events a worker has a handler for.
    public struct Handlers: OptionSet, Sendable {
        public let rawValue: UInt8

        public static let fetch = Handlers(rawValue: 1)
        public static let scheduled = Handlers(rawValue: 2)
        public static let queue = Handlers(rawValue: 4)

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }
    }

    /// A constant of `env`: a string, number, boolean, or table of these.
    public struct Variable: Sendable, Equatable {
        public let name: String
        public let value: Value
    }

    public internal(set) var handlers: Handlers = []
    /// Whether the script returned a function, which is its `fetch`, instead of a table.
    public internal(set) var isFunction = false
    /// As declared; a worker that declares none has ``RoutePattern/defaults(forWorker:)``.
    public internal(set) var routes: [RoutePattern] = []
    /// Names of KV namespaces, without `KV`, which every worker has.
    public internal(set) var kv: [String] = []
    /// Sorted by name.
    public internal(set) var vars: [Variable] = []
    public internal(set) var secrets: [String] = []
    public internal(set) var egress: [EgressPattern] = []
    public internal(set) var crons: [CronExpression] = []
    public internal(set) var limits = WorkerLimits()

    /// Reads what the script `file` returned.
    ///
    /// `source` is the script, in which the lines of problems are looked up. Functions appear in `value` as
    /// `.opaque("function")`. Throws ``ManifestError`` with all problems at once.
    public static func parse(
        _ value: Value,
        worker: String,
        file: String,
        source: [UInt8],
        ceilings: LimitCeilings = LimitCeilings()
    ) throws(ManifestError) -> Manifest {
        var parser = ManifestParser(ceilings: ceilings)
        parser.parse(value)
        if parser.problems.isEmpty { return parser.manifest }
        let locator = ManifestLocator(source)
        throw ManifestError(
            diagnostics: parser.problems.map {
                LoadDiagnostic(.error, worker: worker, file: file, line: locator.line(of: $0.path), message: $0.message)
            }
        )
    }

    /// The routes the worker of this name serves: the declared ones, the default ones, or none without `fetch`.
    public func effectiveRoutes(worker name: String) -> [RoutePattern] {
        guard self.handlers.contains(.fetch) else { return [] }
        return self.routes.isEmpty ? RoutePattern.defaults(forWorker: name) : self.routes
    }
}

/// Everything that is wrong with one manifest. Prints one line for each problem: `workers/cart.lua:12: message`.
public struct ManifestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// At least one, in the order of the manifest's fields.
    public let diagnostics: [LoadDiagnostic]

    public var description: String {
        self.diagnostics.map(\.description).joined(separator: "\n")
    }
}
