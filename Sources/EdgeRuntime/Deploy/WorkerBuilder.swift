import EdgeIsolate

/// Builds a worker from its sources: runs the top level under the startup limits, reads the manifest, freezes the image.
struct WorkerBuilder {
    var startup: Budget
    var ceilings: LimitCeilings
    var clock: RuntimeClock
    var observer: any InvocationObserver
    /// Where images are kept; nil for nowhere.
    var images: ImageStore?
    /// The files there.
    var files: ImageStore.Files?

    /// In so many slots a heap is built that something in it keeps from being frozen. One that looks like an address in one slot does not
    /// in most others.
    private static let slots = 3

    /// The worker of these sources: its image as it was kept, or a new one.
    func load(_ source: WorkerSource) throws(WorkerLoadError) -> Worker {
        if let kept = self.find(source) { return kept }
        return try self.build(source)
    }

    func find(_ source: WorkerSource) -> Worker? {
        guard let images = self.images, let files = self.files else { return nil }
        return images.find(source, in: files, ceilings: self.ceilings)
    }

    /// Throws ``WorkerLoadError`` with everything that is wrong.
    func build(_ source: WorkerSource) throws(WorkerLoadError) -> Worker {
        guard source.isReadable else {
            let message = "changed while the workers were loaded: load them again"
            let diagnostic = LoadDiagnostic(.error, worker: source.name, file: source.entryPath, message: message)
            throw WorkerLoadError(source: source, required: [], diagnostics: [diagnostic])
        }
        var left = Self.slots
        while true {
            left -= 1
            do throws(WorkerLoadError) {
                return try self.buildOnce(source)
            } catch {
                guard error.isAmbiguous, left > 0 else { throw error }
            }
        }
    }

    private func buildOnce(_ source: WorkerSource) throws(WorkerLoadError) -> Worker {
        let start = self.clock.monotonicNanoseconds()
        var requests = ModuleRequests(source: source)
        do {
            let builder = try IsolateBuilder.boot(
                budget: self.startup,
                prelude: Prelude.compiled,
                operations: HostOperation.table
            )
            let returned = try self.runTopLevel(builder, source, &requests)
            let manifest = try self.manifest(returned, source)
            try self.configure(builder, manifest)
            self.forwardLog(builder, source)
            return Worker(
                source: source,
                manifest: manifest,
                image: try builder.freeze(entry: Prelude.dispatch),
                requiredModules: requests.names,
                loadNanoseconds: self.clock.monotonicNanoseconds() - start,
                returned: Self.message(returned)
            )
        } catch let error as ManifestError {
            throw WorkerLoadError(source: source, required: requests.names, diagnostics: error.diagnostics)
        } catch let error as BuildError {
            throw WorkerLoadError(
                source: source,
                required: requests.names,
                diagnostics: [LoadDiagnostic(error, source: source, startup: self.startup)],
                isTransient: error.isTransient,
                isAmbiguous: error == .ambiguousHeap
            )
        } catch {
            preconditionFailure("unknown error while building: \(error)")
        }
    }

    func runTopLevel(
        _ builder: borrowing IsolateBuilder,
        _ source: WorkerSource,
        _ requests: inout ModuleRequests
    ) throws(BuildError) -> Value {
        let results = try builder.run(
            entry: Prelude.load,
            arguments: [.text(source.entryPath), .string(source.entry)],
            unixMilliseconds: self.clock.unixMilliseconds()
        ) { operation, arguments, reply in
            precondition(operation == HostOperation.module.rawValue, "only modules are served at the top level")
            requests.serve(arguments, reply: &reply)
        }
        return results.first ?? .nil
    }

    private func manifest(_ returned: Value, _ source: WorkerSource) throws(ManifestError) -> Manifest {
        try Manifest.parse(
            returned,
            worker: source.name,
            file: source.entryPath,
            source: source.entry,
            ceilings: self.ceilings
        )
    }

    func configure(_ builder: borrowing IsolateBuilder, _ manifest: Manifest) throws(BuildError) {
        let vars = manifest.vars.map { Value.Entry(key: .text($0.name), value: $0.value) }
        _ = try builder.run(
            entry: Prelude.configure,
            arguments: [
                .table(vars),
                .array((["KV"] + manifest.kv).map { .text($0) }),
                .array(manifest.secrets.map { .text($0) }),
            ],
            unixMilliseconds: 0
        ) { _, _, reply in
            reply.failReply("no host call can be made here")
        }
    }

    private static func message(_ returned: Value) -> [UInt8] {
        var writer = MessageWriter()
        writer.write(returned)
        return writer.bytes
    }

    private func forwardLog(_ builder: borrowing IsolateBuilder, _ source: WorkerSource) {
        GuestLog.forward(builder.log, worker: source.name, requestID: nil, to: self.observer)
    }
}

/// Serves `require` from a worker's sources and remembers what was asked for.
struct ModuleRequests {
    let source: WorkerSource
    private(set) var names: Set<String> = []

    init(source: WorkerSource) {
        self.source = source
    }

    /// - Parameter arguments: the module's name.
    mutating func serve(_ arguments: [Value], reply: inout MessageWriter) {
        guard let name = arguments.first?.text else {
            reply.failReply("require: the name of a module is expected, got \(arguments.first?.typeName ?? "nothing")")
            return
        }
        self.names.insert(name)
        guard let module = self.source.module(named: name) else {
            reply.failReply(
                "require: there is no module '\(name)': a worker can require modules of its own folder, "
                    + "'lib.NAME' for workers/lib/NAME.lua, and the built-in ones"
            )
            return
        }
        guard let bytes = module.bytes else {
            reply.failReply("require: \(module.displayPath) has changed since the workers were loaded: load them again")
            return
        }
        reply.beginReply(count: 2)
        reply.write(bytes)
        reply.write(module.displayPath)
    }
}

/// Why a worker could not be built.
struct WorkerLoadError: Error {
    var source: WorkerSource
    var required: Set<String>
    var diagnostics: [LoadDiagnostic]
    /// Whether the same sources may be built another time, and whether in another slot.
    var isTransient = false
    var isAmbiguous = false
}
