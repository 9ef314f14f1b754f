import EdgeIsolate
import Synchronization

/// What a server needs to start on a workers folder that has not changed: what the folder held, and the workers that were made of it.
///
/// It is a flat message. At the start only what every start needs is taken out of it; the rest is read when a worker is first asked for.
final class StartIndex: Sendable {
    struct Folder: Sendable {
        /// Below the workers folder; empty for the folder itself.
        var path: String
        var identity: FileIdentity
    }

    struct File: Sendable {
        var path: String
        var identity: FileIdentity
        var digest: Fingerprint
    }

    /// A name for `require`, and the number of its file.
    struct Module: Sendable {
        var name: String
        var file: Int
    }

    struct Entry: Sendable {
        var name: String
        var routes: [RoutePattern]
        var byteCount: Int
        var loadNanoseconds: UInt64
        /// Where the rest lies in the message.
        var details: Range<Int>
    }

    struct Details: Sendable {
        var entryFile: Int
        var ownModules: [Module]
        var record: ImageRecord
    }

    let directory: String
    let realRoot: String
    let displayRoot: String
    /// Of the ceilings under which the manifests were sound.
    let ceilings: Fingerprint
    let folders: [Folder]
    let files: [File]
    let workers: [Entry]
    private let sharedModules: [Module]
    private let message: [UInt8]
    /// Those that were asked for, so that each file is read once.
    private let sourceFiles = Mutex<[Int: SourceFile]>([:])

    init?(_ message: [UInt8]) {
        self.message = message
        guard let parts = message.withUnsafeBytes({ try? Parts($0) }) else { return nil }
        self.directory = parts.directory
        self.realRoot = parts.realRoot
        self.displayRoot = parts.displayRoot
        self.ceilings = parts.ceilings
        self.folders = parts.folders
        self.files = parts.files
        self.sharedModules = parts.sharedModules
        self.workers = parts.workers
    }

    /// The shared modules, their content unread.
    var shared: WorkerSource.SharedModules {
        WorkerSource.SharedModules(self.modules(self.sharedModules))
    }

    /// The folder as a scan would have found it, the content of the files unread.
    var tree: SourceTree {
        let files = (0..<self.files.count).map { self.file($0) }
        let byPath = Dictionary(files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        return SourceTree(directory: self.directory, files: byPath)
    }

    /// Reads modules that no start has needed and handlers may still require, before they change.
    func readModules() {
        var numbers = Set(self.sharedModules.map(\.file))
        for number in self.workers.indices {
            guard let details = self.details(number) else { continue }
            let required = Set(details.record.required)
            numbers.formUnion(details.ownModules.lazy.filter { !required.contains($0.name) }.map(\.file))
        }
        for number in numbers { _ = self.file(number).bytes }
    }

    func details(_ number: Int) -> Details? {
        self.message.withUnsafeBytes { bytes in
            var reader = MessageReader(UnsafeRawBufferPointer(rebasing: bytes[self.workers[number].details]))
            return try? Details(&reader, files: self.files.count)
        }
    }

    func source(_ number: Int, _ details: Details, shared: WorkerSource.SharedModules) -> WorkerSource {
        WorkerSource(
            name: self.workers[number].name,
            entry: self.file(details.entryFile),
            ownModules: self.modules(details.ownModules),
            shared: shared
        )
    }

    private func file(_ number: Int) -> SourceFile {
        self.sourceFiles.withLock { known in
            if let file = known[number] { return file }
            let file = self.files[number]
            let source = SourceFile(
                unread: file.path,
                displayPath: "\(self.displayRoot)/\(file.path)",
                location: "\(self.realRoot)/\(file.path)",
                identity: file.identity,
                digest: file.digest
            )
            known[number] = source
            return source
        }
    }

    private func modules(_ modules: [Module]) -> [String: SourceFile] {
        Dictionary(modules.map { ($0.name, self.file($0.file)) }, uniquingKeysWith: { first, _ in first })
    }
}

/// What is taken out of the message at once.
private struct Parts {
    var directory: String
    var realRoot: String
    var displayRoot: String
    var ceilings: Fingerprint
    var folders: [StartIndex.Folder]
    var files: [StartIndex.File]
    var sharedModules: [StartIndex.Module]
    var workers: [StartIndex.Entry]

    init(_ bytes: UnsafeRawBufferPointer) throws {
        var reader = MessageReader(bytes)
        guard try reader.beginArray() == 9 else { throw MessageError.malformed }
        self.directory = try reader.readText()
        self.realRoot = try reader.readText()
        self.displayRoot = try reader.readText()
        self.ceilings = try reader.readFingerprint()
        self.folders = try reader.readList { reader throws(MessageError) in
            StartIndex.Folder(path: try reader.readText(), identity: try reader.readIdentity())
        }
        let files = try reader.readList { reader throws(MessageError) in
            StartIndex.File(
                path: try reader.readText(),
                identity: try reader.readIdentity(),
                digest: try reader.readFingerprint()
            )
        }
        self.files = files
        self.sharedModules = try reader.readModules(files: files.count)
        self.workers = try reader.readList { reader throws(MessageError) in
            try StartIndex.Entry(&reader, in: bytes)
        }
    }
}

extension StartIndex.Entry {
    fileprivate init(_ reader: inout MessageReader, in message: UnsafeRawBufferPointer) throws(MessageError) {
        self.name = try reader.readText()
        self.byteCount = Int(clamping: try reader.readInteger())
        self.loadNanoseconds = UInt64(bitPattern: try reader.readInteger())
        self.routes = try reader.readList { reader throws(MessageError) in
            let text = try reader.readText()
            guard let route = try? RoutePattern(text) else { throw .malformed }
            return route
        }
        let details = try reader.readBytes()
        guard let start = details.baseAddress, let base = message.baseAddress else { throw .malformed }
        self.details = (start - base)..<(start - base + details.count)
    }

    /// - Parameter details: as ``StartIndex/Details/write(to:)`` wrote them.
    static func write(_ worker: Worker, details: [UInt8], to writer: inout MessageWriter) {
        writer.write(worker.name)
        writer.write(Int64(worker.image.byteCount + worker.image.sharedByteCount))
        writer.write(Int64(bitPattern: worker.loadNanoseconds))
        writer.writeList(worker.routes) { $1.write($0.description) }
        writer.write(details)
    }
}

extension StartIndex.Details {
    fileprivate init(_ reader: inout MessageReader, files: Int) throws(MessageError) {
        guard try reader.beginArray() == 3 else { throw .malformed }
        self.entryFile = try reader.readIndex(below: files)
        self.ownModules = try reader.readModules(files: files)
        self.record = try ImageRecord(&reader)
    }

    func write(to writer: inout MessageWriter) {
        writer.beginArray(count: 3)
        writer.write(Int64(self.entryFile))
        writer.writeModules(self.ownModules)
        self.record.write(to: &writer)
    }
}
