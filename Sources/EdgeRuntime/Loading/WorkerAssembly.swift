/// Makes workers of the files that a scan found, and says which names can't be workers.
struct WorkerAssembly {
    private(set) var workers: [WorkerSource] = []
    private(set) var diagnostics: [LoadDiagnostic]
    private let scanner: SourceScanner

    init(_ scanner: SourceScanner) {
        self.scanner = scanner
        self.diagnostics = scanner.diagnostics
    }

    mutating func assemble() {
        var singles: [String: SourceFile] = [:]
        var folders: [String: [String: SourceFile]] = [:]
        for (path, file) in self.scanner.files {
            guard let slash = path.firstIndex(of: "/") else {
                singles[SourceName.stem(path) ?? path] = file
                continue
            }
            folders[String(path[..<slash]), default: [:]][String(path[path.index(after: slash)...])] = file
        }
        let shared = self.sharedModules(folders.removeValue(forKey: SourceName.sharedFolder) ?? [:])
        for name in Set(singles.keys).union(folders.keys).sorted() {
            if let worker = self.worker(name, single: singles[name], folder: folders[name], shared: shared) {
                self.workers.append(worker)
            }
        }
    }

    private mutating func worker(
        _ name: String,
        single: SourceFile?,
        folder: [String: SourceFile]?,
        shared: WorkerSource.SharedModules
    ) -> WorkerSource? {
        let folderEntry = folder?[SourceName.entryFile]
        if single == nil && folderEntry == nil {
            self.hintAboutFolder(name)
            return nil
        }
        if self.hasConflict(name, single: single, folderEntry: folderEntry) { return nil }
        guard let entry = single ?? folderEntry, self.isUsable(name, entry: entry) else { return nil }
        if single != nil {
            if folder != nil {
                self.hint(
                    name,
                    "has no init.lua, so its files can't be loaded: move \(entry.displayPath) to "
                        + "\(self.scanner.displayPath(name))/init.lua"
                )
            }
            return WorkerSource(name: name, entry: entry, ownModules: [:], shared: shared)
        }
        var modules = folder ?? [:]
        modules[SourceName.entryFile] = nil
        return WorkerSource(name: name, entry: entry, ownModules: self.modules(modules, prefix: []), shared: shared)
    }

    /// Whether both `shop.lua` and `shop/init.lua` are there, also when one of them could not be read: which of the two the
    /// author wants is not ours to guess.
    private mutating func hasConflict(_ name: String, single: SourceFile?, folderEntry: SourceFile?) -> Bool {
        let filePath = "\(name).lua"
        let entryPath = "\(name)/\(SourceName.entryFile)"
        guard single != nil || self.scanner.failures.contains(filePath),
            folderEntry != nil || self.scanner.failures.contains(entryPath)
        else { return false }
        let first = self.scanner.displayPath(filePath)
        let second = self.scanner.displayPath(entryPath)
        self.error(name, first, "\(first) and \(second) are both the worker \(name): remove or rename one of them")
        return true
    }

    private mutating func isUsable(_ name: String, entry: SourceFile) -> Bool {
        if name == SourceName.sharedFolder {
            self.error(name, entry.displayPath, "\"lib\" is the folder of shared modules: rename this file")
            return false
        }
        guard SourceName.isWorkerName(name) else {
            self.error(
                name,
                entry.displayPath,
                "\(MessageText.quoted(name)) can't be a worker's name: rename it to up to 63 letters, digits, "
                    + "\"_\" and \"-\", a letter or digit first"
            )
            return false
        }
        return true
    }

    private mutating func sharedModules(_ folder: [String: SourceFile]) -> WorkerSource.SharedModules {
        WorkerSource.SharedModules(self.modules(folder, prefix: [SourceName.sharedFolder]))
    }

    /// Module names of the files in a folder: `a/b.lua` is `a.b`, and so is `a/b/init.lua` unless `a/b.lua` exists.
    private mutating func modules(_ folder: [String: SourceFile], prefix: [String]) -> [String: SourceFile] {
        var modules: [String: SourceFile] = [:]
        for (path, file) in folder.sorted(by: { $0.key < $1.key }) {
            var segments = prefix + path.split(separator: "/").map(String.init)
            let last = segments.removeLast()
            let isInit = last == SourceName.entryFile
            if !isInit { segments.append(SourceName.stem(last) ?? last) }
            guard segments.allSatisfy(SourceName.isModuleSegment) else {
                self.diagnostics.append(
                    LoadDiagnostic(
                        .hint,
                        file: file.displayPath,
                        message: "can't be required by any name: rename it to letters, digits, \"_\" and \"-\""
                    )
                )
                continue
            }
            let name = segments.joined(separator: ".")
            if !isInit || modules[name] == nil { modules[name] = file }
        }
        return modules
    }

    private mutating func hintAboutFolder(_ name: String) {
        // A folder whose init.lua could not be read has its error already.
        if self.scanner.failures.contains("\(name)/\(SourceName.entryFile)") { return }
        self.hint(
            name,
            "is no worker, for it has no init.lua; modules for all workers belong in "
                + self.scanner.displayPath(SourceName.sharedFolder)
        )
    }

    private mutating func hint(_ folder: String, _ message: String) {
        self.diagnostics.append(
            LoadDiagnostic(.hint, file: self.scanner.displayPath(folder), message: message)
        )
    }

    private mutating func error(_ worker: String, _ file: String, _ message: String) {
        self.diagnostics.append(LoadDiagnostic(.error, worker: worker, file: file, message: message))
    }
}
