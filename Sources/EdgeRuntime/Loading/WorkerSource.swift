/// One worker's files: its entry, its own modules, and the shared ones.
public struct WorkerSource: Sendable {
    /// The dictionary shared by all workers of a tree, with its fingerprint computed once.
    struct SharedModules: Sendable {
        let files: [String: SourceFile]
        let fingerprint: Fingerprint

        init(_ files: [String: SourceFile]) {
            self.files = files
            var hasher = FingerprintHasher()
            WorkerSource.add(files, to: &hasher)
            self.fingerprint = hasher.finish()
        }
    }

    public let name: String
    let entryFile: SourceFile
    let ownModules: [String: SourceFile]
    let shared: SharedModules
    /// Tells whether anything this worker could load has changed: its entry, its own modules, all of `lib/`.
    public let fingerprint: Fingerprint

    init(name: String, entry: SourceFile, ownModules: [String: SourceFile], shared: SharedModules) {
        self.name = name
        self.entryFile = entry
        self.ownModules = ownModules
        self.shared = shared
        var hasher = FingerprintHasher()
        hasher.add(entry.displayPath)
        hasher.add(entry.digest)
        Self.add(ownModules, to: &hasher)
        hasher.add(shared.fingerprint)
        self.fingerprint = hasher.finish()
    }

    /// The path of the entry file for messages and chunk names, for example `workers/hello.lua`.
    public var entryPath: String { self.entryFile.displayPath }

    /// The content of the entry file; empty where it was not read at the scan, and is another one or gone by now.
    public var entry: [UInt8] { self.entryFile.bytes ?? [] }

    /// Whether ``entry`` can be had.
    var isReadable: Bool { self.entryFile.bytes != nil }

    /// Reads what handlers may still require, before it changes.
    func readModules(but required: some Collection<String>) {
        for (name, file) in self.ownModules where !required.contains(name) { _ = file.bytes }
        for file in self.shared.files.values { _ = file.bytes }
    }

    /// What `require "name"` finds: `a.b` is `a/b.lua` or `a/b/init.lua` in the worker's folder, else, when it begins with
    /// `lib.`, in the shared folder. Nil when there is none. Only names found by the scan exist, so no name can lead
    /// outside of the directory. The bytes are nil where the file was not read at the scan, and is another one or gone by now.
    public func module(named name: String) -> (displayPath: String, bytes: [UInt8]?)? {
        self.file(ofModule: name).map { ($0.displayPath, $0.bytes) }
    }

    /// Tells whether the entry, or what one of these names means to `require`, has changed. Pass every name the script
    /// has asked for, those that were not found too: they may appear later.
    public func fingerprint(requiring names: some Sequence<String>) -> Fingerprint {
        var hasher = FingerprintHasher()
        hasher.add(self.entryFile.displayPath)
        hasher.add(self.entryFile.digest)
        for name in Set(names).sorted() {
            hasher.add(name)
            guard let file = self.file(ofModule: name) else {
                hasher.add(0)
                continue
            }
            hasher.add(1)
            hasher.add(file.displayPath)
            hasher.add(file.digest)
        }
        return hasher.finish()
    }

    private func file(ofModule name: String) -> SourceFile? {
        self.ownModules[name] ?? self.shared.files[name]
    }

    private static func add(_ files: [String: SourceFile], to hasher: inout FingerprintHasher) {
        hasher.add(UInt64(files.count))
        for (name, file) in files.sorted(by: { $0.key < $1.key }) {
            hasher.add(name)
            hasher.add(file.displayPath)
            hasher.add(file.digest)
        }
    }
}
