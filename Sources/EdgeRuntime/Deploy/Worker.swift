import EdgeIsolate
import EdgeStorage
import Synchronization

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
    /// Whether its image was found in a file, so that the top level has not run in this process.
    public let isKept: Bool
    /// The KV namespaces it may use: a few.
    let namespaces: [KVNamespace]
    /// What a handler may still require; newer than the image where only such modules changed.
    let source: WorkerSource
    /// Names the top level passed to `require`, found or not.
    let requiredModules: Set<String>
    /// Of everything the image was made of: while it is the same, the image is.
    let fingerprint: Fingerprint
    let load: WorkerLoad
    private let keeping: Mutex<Keeping>

    private struct Keeping {
        /// What its file says of the image; nil where it is in none.
        var record: ImageRecord?
        /// What the top level returned, as a flat message, which the file has to hold; nil where that is not known any more.
        var returned: [UInt8]?
    }

    init(
        source: WorkerSource,
        manifest: Manifest,
        image: Image,
        requiredModules: Set<String>,
        loadNanoseconds: UInt64,
        isKept: Bool = false,
        record: ImageRecord? = nil,
        returned: [UInt8]? = nil,
        load: WorkerLoad = WorkerLoad()
    ) {
        self.name = source.name
        self.file = source.entryPath
        self.manifest = manifest
        self.image = image
        self.routes = manifest.effectiveRoutes(worker: source.name)
        self.source = source
        self.namespaces = (["KV"] + manifest.kv).compactMap { try? KVNamespace($0) }
        self.requiredModules = requiredModules
        self.fingerprint = source.fingerprint(requiring: requiredModules)
        self.loadNanoseconds = loadNanoseconds
        self.isKept = isKept
        self.load = load
        self.keeping = Mutex(Keeping(record: record, returned: returned))
    }

    /// What its file says of the image; nil where it is in none.
    var record: ImageRecord? {
        self.keeping.withLock { $0.record }
    }

    /// Writes the image to its file if it is in none.
    func keep(in images: ImageStore) {
        guard let returned = self.keeping.withLock({ $0.record == nil ? $0.returned : nil }) else { return }
        let record = images.keep(self, returned: returned)
        self.keeping.withLock { $0 = Keeping(record: record, returned: record == nil ? returned : nil) }
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
            isKept: self.isKept,
            record: self.record,
            returned: self.keeping.withLock { $0.returned },
            load: self.load
        )
    }
}
