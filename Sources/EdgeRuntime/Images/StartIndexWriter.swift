import EdgeIsolate

/// Writes down a deployment for the next start; nil where a start could not do without a scan, or without a build.
struct StartIndexWriter: ~Copyable {
    private var numbers: [String: Int] = [:]
    private var writer = MessageWriter()

    static func message(_ deployment: Deployment, ceilings: LimitCeilings) -> [UInt8]? {
        let tree = deployment.tree
        // What is wrong must be told at each start; links may lead to other files without a change of theirs.
        guard let layout = tree.layout, layout.isSettled, deployment.diagnostics.isEmpty, deployment.isComplete,
            tree.files.values.allSatisfy(\.isSettled)
        else { return nil }
        var writer = StartIndexWriter()
        writer.write(tree, layout, ceilings.fingerprint)
        return writer.write(deployment.workers) ? writer.writer.bytes : nil
    }

    private mutating func write(_ tree: SourceTree, _ layout: SourceTree.Layout, _ ceilings: Fingerprint) {
        self.writer.beginArray(count: 9)
        self.writer.write(tree.directory)
        self.writer.write(layout.realRoot)
        self.writer.write(layout.displayRoot)
        self.writer.write(ceilings)
        self.writer.writeList(layout.folders) { folder, writer in
            writer.write(folder.path)
            writer.write(folder.identity)
        }
        let files = tree.files.values.sorted { $0.path < $1.path }
        for (number, file) in files.enumerated() { self.numbers[file.path] = number }
        self.writer.writeList(files) { file, writer in
            writer.write(file.path)
            writer.write(file.identity)
            writer.write(file.digest)
        }
    }

    private mutating func write(_ workers: [Worker]) -> Bool {
        let shared = workers.first.flatMap { self.modules($0.source.shared.files) }
        self.writer.writeModules(shared ?? [])
        self.writer.write(Int64(workers.count))
        for worker in workers {
            guard let details = self.details(worker) else { return false }
            var writer = MessageWriter()
            details.write(to: &writer)
            StartIndex.Entry.write(worker, details: writer.bytes, to: &self.writer)
        }
        return shared != nil
    }

    private func details(_ worker: Worker) -> StartIndex.Details? {
        guard let record = worker.record, worker.image.isInFile, !worker.image.isLost,
            worker.routes.allSatisfy({ (try? RoutePattern($0.description)) == $0 }),
            let entryFile = self.numbers[worker.source.entryFile.path],
            let modules = self.modules(worker.source.ownModules)
        else { return nil }
        return StartIndex.Details(entryFile: entryFile, ownModules: modules, record: record)
    }

    private func modules(_ files: [String: SourceFile]) -> [StartIndex.Module]? {
        let modules = files.sorted { $0.key < $1.key }.compactMap { name, file in
            self.numbers[file.path].map { StartIndex.Module(name: name, file: $0) }
        }
        return modules.count == files.count ? modules : nil
    }
}

extension LimitCeilings {
    /// Tells one set of ceilings from another.
    var fingerprint: Fingerprint {
        var hasher = FingerprintHasher()
        // Numbers without gaps between them. One by one they would be read through key paths, each of which is made first.
        withUnsafeBytes(of: self.maximum) { hasher.add($0) }
        return hasher.finish()
    }
}
