import EdgeIsolate
import Glibc
import Synchronization

/// The images of workers in the data folder: kept when they are built, found again by the next process of the same executable.
///
/// A file's name tells the worker, what its image was made of, and the executable and settings it is for: two versions of a worker have
/// two files, so that who makes the next version's takes nothing from a server of this one.
///
/// Nothing here fails: a file that is not as it should be is as if it were not there, and one that can't be written is left out.
public final class ImageStore: Sendable {
    /// Files of other executables, settings or versions may be a server's that still runs.
    private static let foreignAgeSeconds = 3600
    private static let suffix = ".image"
    private static let indexSuffix = ".index"

    private let folder: ImageFolder
    private let file: PrivateFile
    private let report: @Sendable (String) -> Void
    private let hasReported = Atomic(false)

    /// nil, with a reason given to `report`, where images can't be kept.
    ///
    /// - Parameters:
    ///   - path: the folder; it is made where it is missing.
    ///   - startup: the limits under which images are built; those built under others are not found.
    ///   - report: takes what an operator should know.
    public init?(path: String, startup: Budget, report: @escaping @Sendable (String) -> Void) {
        let executable = Engine.executableID
        guard !executable.isEmpty else {
            report("the executable has no build id (-Xlinker --build-id): images of workers are not kept")
            return nil
        }
        do throws(FileSystem.Failure) {
            self.folder = try ImageFolder(preparing: path)
        } catch {
            report("images of workers are not kept in \(path): \(error.description)")
            return nil
        }
        self.file = PrivateFile(key: Self.key(executable, startup))
        self.report = report
    }

    private static func key(_ executable: [UInt8], _ startup: Budget) -> Fingerprint {
        var hasher = FingerprintHasher()
        hasher.add(executable)
        hasher.add(Engine.luaName)
        for limit in [
            startup.cpuMicroseconds, startup.memoryBytes, startup.messageBytes, startup.hostCalls, startup.logBytes,
        ] {
            hasher.add(UInt64(limit))
        }
        return hasher.finish()
    }

    /// The names of files by the workers they are of.
    struct Files: Sendable {
        fileprivate var names: [String: [String]] = [:]
    }

    /// What files there are: read once for many workers.
    func files() -> Files {
        var files = Files()
        for name in self.folder.names where name.hasSuffix(self.ending) {
            files.names[String(name.prefix { $0 != "." }), default: []].append(name)
        }
        return files
    }

    /// The worker with the image that was made of this very source, nil where there is none.
    func find(_ source: WorkerSource, in files: Files, ceilings: LimitCeilings) -> Worker? {
        for name in files.names[source.name] ?? [] {
            // Only the file tells what the top level asked for, and so what of the source counts.
            if let record = self.record(name), self.fileName(record) == name, record.worker == source.name,
                record.fingerprint == source.fingerprint(requiring: record.required)
            {
                return self.worker(record, source: source, ceilings: ceilings)
            }
        }
        return nil
    }

    func worker(
        _ record: ImageRecord,
        source: WorkerSource,
        ceilings: LimitCeilings
    ) -> Worker? {
        // Under lower ceilings it may have become wrong: building it tells how.
        guard let manifest = Self.manifest(record, source: source, ceilings: ceilings),
            let image = self.image(record)
        else { return nil }
        return Worker(
            source: source,
            manifest: manifest,
            image: image,
            requiredModules: Set(record.required),
            loadNanoseconds: record.loadNanoseconds,
            isKept: true,
            record: record
        )
    }

    private func image(_ record: ImageRecord) -> Image? {
        let folder = self.folder
        let name = self.fileName(record)
        return record.image(open: { folder.open(name) })
    }

    /// The image of a worker as another process would have it: in its file, and not in memory. nil where it can't be kept.
    func secondImage(of worker: Worker) -> Image? {
        worker.keep(in: self)
        return worker.record.flatMap { self.image($0) }
    }

    /// The message of a file, nil where there is none to be trusted.
    func message(_ name: String) -> [UInt8]? {
        let descriptor = self.folder.open(name)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return self.file.read(descriptor)
    }

    private func record(_ name: String) -> ImageRecord? {
        self.message(name)?.withUnsafeBytes { bytes in
            var reader = MessageReader(bytes)
            return try? ImageRecord(&reader)
        }
    }

    private static func manifest(
        _ record: ImageRecord,
        source: WorkerSource,
        ceilings: LimitCeilings
    ) -> Manifest? {
        record.returned.withUnsafeBytes { bytes in
            var reader = MessageReader(bytes)
            guard let returned = try? reader.readValue() else { return nil }
            return try? Manifest.parse(
                returned,
                worker: source.name,
                file: source.entryPath,
                source: [],
                ceilings: ceilings
            )
        }
    }

    /// Writes the image of a worker that was just built. From then on it is in memory while requests run only.
    ///
    /// - Parameter returned: what the worker's top level returned, as a flat message.
    /// - Returns: what its file says; nil where it could not be written.
    func keep(_ worker: Worker, returned: [UInt8]) -> ImageRecord? {
        guard let packed = worker.image.pack() else { return nil }
        do throws(FileSystem.Failure) {
            let record = try self.write(worker, returned: returned, packed)
            self.hasReported.store(false, ordering: .relaxed)
            return record
        } catch {
            self.reportOnce(
                "the image of \(worker.name) could not be kept in \(self.folder.path): \(error.description)"
            )
            return nil
        }
    }

    /// Not for each of a thousand workers.
    private func reportOnce(_ text: String) {
        guard !self.hasReported.exchange(true, ordering: .relaxed) else { return }
        self.report(text)
    }

    /// Writes a file that is nothing but its message.
    func write(_ message: [UInt8], as name: String) {
        let bytes = self.file.encode(message)
        guard message.count <= PrivateFile.maximumLength,
            let failure = bytes.withUnsafeBytes({ self.folder.write(name, [$0]) })
        else { return }
        self.reportOnce("\(name) could not be written in \(self.folder.path): \(failure.description)")
    }

    func removeIndex() {
        self.folder.remove(self.indexName)
    }

    private func write(
        _ worker: Worker,
        returned: [UInt8],
        _ packed: borrowing PackedImage
    ) throws(FileSystem.Failure) -> ImageRecord? {
        let length = packed.withBytes { $0.count }
        var record = ImageRecord(worker, returned: returned, body: (length, packed.checksum))
        let name = self.fileName(record)
        // All integers have the same length: the offset does not change it.
        record.bodyOffset = ImageRecord.bodyOffset(headLength: self.head(record).count)
        var head = self.head(record)
        guard head.count <= PrivateFile.maximumLength else { return nil }
        head += [UInt8](repeating: 0, count: record.bodyOffset - head.count)
        let failure = packed.withBytes { body in
            head.withUnsafeBytes { head in self.folder.write(name, [head, body]) }
        }
        if let failure { throw failure }
        let folder = self.folder
        worker.image.move(to: record.file { folder.open(name) })
        return record
    }

    private func head(_ record: ImageRecord) -> [UInt8] {
        var writer = MessageWriter()
        record.write(to: &writer)
        return self.file.encode(writer.bytes)
    }

    /// Which files of this executable and these settings may go.
    enum Cleaning {
        /// None: a server may need any of them.
        case ahead
        /// Those that this server served before and does no more, and others that are old and that it does not serve.
        case serving(Deployment, insteadOf: Deployment?)
    }

    /// Removes files that nobody needs any more; of other executables and settings those that are old.
    func clean(_ cleaning: Cleaning) {
        var kept: Set<String>?
        var replaced: Set<String> = []
        if case .serving(let deployment, let before) = cleaning {
            kept = Set(deployment.records.map { self.fileName($0) })
            replaced = Set((before?.records ?? []).map { self.fileName($0) })
        }
        let (ending, index) = (self.ending, self.indexName)
        self.folder.clean { name, age in
            if name == index { return false }
            if name.hasSuffix(ending) {
                guard let kept, !kept.contains(name) else { return false }
                return replaced.contains(name) || age() > Self.foreignAgeSeconds
            }
            let isOurs =
                name.hasSuffix(Self.suffix) || name.hasSuffix(Self.indexSuffix)
                || name.hasPrefix(ImageFolder.scratchPrefix)
            return isOurs && age() > Self.foreignAgeSeconds
        }
    }

    private var keyText: Substring { self.file.key.description.prefix(16) }
    private var ending: String { ".\(self.keyText)\(Self.suffix)" }
    var indexName: String { "workers.\(self.keyText)\(Self.indexSuffix)" }

    private func fileName(_ record: ImageRecord) -> String {
        "\(record.worker).\(record.fingerprint.description.prefix(16))\(self.ending)"
    }
}
