/// What a workers directory held at one moment: every worker with all it may load.
///
/// | file | worker |
/// | --- | --- |
/// | `hello.lua` | `hello` |
/// | `shop/init.lua` | `shop`; `shop/a/b.lua` is its module `a.b` |
/// | `lib/x.lua` | none: the module `lib.x` of every worker |
///
/// Immutable; a later ``scan(directory:reusing:limits:)`` makes a new one and shares the bytes of what did not change.
/// A symbolic link counts as what it points to when that lies inside the directory; links out of it are not followed.
public struct SourceTree: Sendable {
    /// The most that a workers directory may hold.
    public struct Limits: Sendable {
        /// Bytes of one `.lua` file.
        public var fileBytes = 4 << 20
        /// Bytes of all `.lua` files.
        public var totalBytes = 256 << 20
        /// Folders on the way to a file.
        public var depth = 8
        /// `.lua` files and folders.
        public var entries = 50_000
        /// Diagnostics kept; one more says how many were left out.
        public var diagnostics = 1_000

        public init() {}
    }

    /// As it was passed to the scan.
    public let directory: String
    /// Sorted by name. A worker whose entry could not be read, or is claimed by two files, is missing here and has an
    /// error in ``diagnostics``.
    public let workers: [WorkerSource]
    /// In the order of the files.
    public let diagnostics: [LoadDiagnostic]
    let files: [String: SourceFile]
    /// nil where it is not from a scan.
    let layout: Layout?

    /// The folder beyond its files.
    struct Layout: Sendable {
        let realRoot: String
        let displayRoot: String
        private(set) var folders: [StartIndex.Folder] = []
        /// Whether any change to what was found would change an identity: no link was met, and no folder had just been changed.
        var isSettled = true

        init(realRoot: String, displayRoot: String) {
            self.realRoot = realRoot
            self.displayRoot = displayRoot
        }

        /// - Parameter identity: from before its names were read.
        mutating func add(_ path: String, _ identity: FileIdentity) {
            self.folders.append(StartIndex.Folder(path: path, identity: identity))
            self.isSettled = self.isSettled && identity.isSettledNow
        }
    }

    /// Files whose content may be unread, to be reused by the next scan.
    init(directory: String, files: [String: SourceFile]) {
        self.init(directory: directory, workers: [], diagnostics: [], files: files, layout: nil)
    }

    private init(
        directory: String,
        workers: [WorkerSource],
        diagnostics: [LoadDiagnostic],
        files: [String: SourceFile],
        layout: Layout?
    ) {
        self.directory = directory
        self.workers = workers
        self.diagnostics = diagnostics
        self.files = files
        self.layout = layout
    }

    /// Workers that exist in the directory but can't be loaded as it is: a reload keeps their last good version.
    public var failedWorkers: Set<String> {
        Set(self.diagnostics.lazy.filter { $0.severity == .error }.compactMap(\.worker))
    }

    /// Reads a workers directory.
    ///
    /// Files that have the identity (inode, size, times) they had in `previous` are taken from there unread.
    /// Throws ``LoadError`` when the directory is missing, can't be read, or exceeds the limits as a whole; what is wrong with
    /// single files is in ``diagnostics``.
    public static func scan(
        directory: String,
        reusing previous: SourceTree? = nil,
        limits: Limits = Limits()
    ) throws(LoadError) -> SourceTree {
        var scanner = try SourceScanner(directory: directory, previous: previous, limits: limits)
        try scanner.scan()
        var assembly = WorkerAssembly(scanner)
        assembly.assemble()
        return SourceTree(
            directory: directory,
            workers: assembly.workers,
            diagnostics: Self.bounded(assembly.diagnostics, limits: limits, directory: scanner.displayRoot),
            files: scanner.files,
            layout: scanner.layout
        )
    }

    /// The worker of this name.
    public func worker(named name: String) -> WorkerSource? {
        var low = 0
        var high = self.workers.count
        while low < high {
            let middle = (low + high) / 2
            if self.workers[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low < self.workers.count && self.workers[low].name == name ? self.workers[low] : nil
    }

    private static func bounded(
        _ diagnostics: [LoadDiagnostic],
        limits: Limits,
        directory: String
    ) -> [LoadDiagnostic] {
        let sorted = diagnostics.enumerated().sorted { ($0.element.file, $0.offset) < ($1.element.file, $1.offset) }
            .map(\.element)
        guard sorted.count > limits.diagnostics else { return sorted }
        let rest = sorted.count - limits.diagnostics
        return sorted.prefix(limits.diagnostics) + [
            LoadDiagnostic(.hint, file: directory, message: "\(rest) more problems like these are not shown")
        ]
    }
}
