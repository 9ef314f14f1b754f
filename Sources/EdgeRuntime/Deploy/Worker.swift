import EdgeIsolate
import EdgeStorage

/// One loaded version of a worker: its image, what it may do, and the sources it may still require.
public final class Worker: Sendable {
    public let name: String
    /// For messages: `workers/hello.lua`.
    public let file: String
    public let manifest: Manifest
    public let image: Image
    public let routes: [RoutePattern]
    /// How long the top level and the freeze took.
    public let loadNanoseconds: UInt64
    /// The KV namespaces it may use, by name.
    let namespaces: [String: KVNamespace]
    /// What a handler may still require; newer than the image where only such modules changed.
    let source: WorkerSource
    /// Names the top level passed to `require`, found or not.
    let requiredModules: Set<String>
    /// Of everything the image was made of: while it is the same, the image is.
    let fingerprint: Fingerprint
    let load: WorkerLoad

    init(
        source: WorkerSource,
        manifest: Manifest,
        image: Image,
        requiredModules: Set<String>,
        loadNanoseconds: UInt64,
        load: WorkerLoad = WorkerLoad()
    ) {
        self.name = source.name
        self.file = source.entryPath
        self.manifest = manifest
        self.image = image
        self.routes = manifest.effectiveRoutes(worker: source.name)
        self.source = source
        var namespaces: [String: KVNamespace] = [:]
        for name in ["KV"] + manifest.kv {
            namespaces[name] = try? KVNamespace(name)
        }
        self.namespaces = namespaces
        self.requiredModules = requiredModules
        self.fingerprint = source.fingerprint(requiring: requiredModules)
        self.loadNanoseconds = loadNanoseconds
        self.load = load
    }

    /// The same image over newer sources, nil where the image itself is out of date. Modules that only handlers require are
    /// read from the sources at each request, so nothing has to be built for them.
    func updated(to source: WorkerSource) -> Worker? {
        guard self.fingerprint == source.fingerprint(requiring: self.requiredModules) else { return nil }
        guard self.source.fingerprint != source.fingerprint else { return self }
        return Worker(
            source: source,
            manifest: self.manifest,
            image: self.image,
            requiredModules: self.requiredModules,
            loadNanoseconds: self.loadNanoseconds,
            load: self.load
        )
    }
}
