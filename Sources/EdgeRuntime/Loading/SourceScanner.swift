import Glibc

/// Walks a workers directory and reads its `.lua` files; knows the limits, not what a worker is.
struct SourceScanner {
    private struct Folder {
        /// Below the workers directory; empty for the directory itself.
        let path: String
        let location: String
        /// The folders on the way here, this one included; finds symbolic links that go round in circles.
        let chain: [FileIdentity]

        var depth: Int { self.chain.count - 1 }
    }

    /// The directory as it appears in messages: its last component.
    let displayRoot: String
    /// What was read, by path below the directory.
    private(set) var files: [String: SourceFile] = [:]
    /// Paths of files that exist and could not be read.
    private(set) var failures: Set<String> = []
    private(set) var diagnostics: [LoadDiagnostic] = []
    private(set) var layout: SourceTree.Layout

    private let root: String
    private let realRoot: String
    private let previous: [String: SourceFile]
    private let limits: SourceTree.Limits
    private var totalBytes = 0
    private var entries = 0

    init(directory: String, previous: SourceTree?, limits: SourceTree.Limits) throws(LoadError) {
        do throws(FileSystem.Failure) {
            self.realRoot = try FileSystem.realPath(directory)
            guard try FileSystem.status(self.realRoot, followLink: true).st_mode & S_IFMT == S_IFDIR else {
                throw FileSystem.Failure(code: ENOTDIR)
            }
        } catch {
            throw Self.rootError(directory, error)
        }
        self.root = directory
        self.limits = limits
        self.displayRoot = Self.lastComponent(directory) ?? Self.lastComponent(self.realRoot) ?? "workers"
        self.layout = SourceTree.Layout(realRoot: self.realRoot, displayRoot: self.displayRoot)
        // Display paths are part of a file, so files of a directory with another name are read again.
        self.previous = previous?.directory == directory ? previous?.files ?? [:] : [:]
    }

    mutating func scan() throws(LoadError) {
        let names: [[UInt8]]
        let identity: FileIdentity
        do throws(FileSystem.Failure) {
            identity = FileIdentity(try FileSystem.status(self.realRoot, followLink: true))
            names = try FileSystem.names(in: self.realRoot)
        } catch {
            throw Self.rootError(self.root, error)
        }
        self.layout.add("", identity)
        try self.visit(names, in: Folder(path: "", location: self.realRoot, chain: [identity]))
    }

    func displayPath(_ path: String) -> String {
        path.isEmpty ? self.displayRoot : "\(self.displayRoot)/\(path)"
    }

    /// The worker that a path belongs to; nil for shared modules.
    static func worker(ofPath path: String) -> String? {
        let first = String(path.prefix { $0 != "/" })
        if first == SourceName.sharedFolder { return nil }
        return first.utf8.count == path.utf8.count ? SourceName.stem(first) ?? first : first
    }

    private mutating func visit(_ names: [[UInt8]], in folder: Folder) throws(LoadError) {
        for bytes in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let name = String(validating: bytes, as: UTF8.self) else {
                let shown = MessageText.quoted(bytes)
                self.report(.hint, folder.path, "the name \(shown) is not valid UTF-8 and is ignored: rename it")
                continue
            }
            if SourceName.isIgnored(name, atTopLevel: folder.path.isEmpty) { continue }
            let path = folder.path.isEmpty ? name : "\(folder.path)/\(name)"
            try self.visit(path, location: "\(folder.location)/\(name)", in: folder)
        }
    }

    private mutating func visit(_ path: String, location: String, in folder: Folder) throws(LoadError) {
        guard let (location, status) = self.resolve(path, location: location) else { return }
        let kind = status.st_mode & S_IFMT
        if kind == S_IFDIR {
            try self.count()
            try self.enter(path, location: location, identity: FileIdentity(status), from: folder)
        } else if SourceName.stem(path) != nil {
            try self.count()
            guard kind == S_IFREG else { return self.fail(path, "is neither a file nor a folder") }
            try self.load(path, location: location, identity: FileIdentity(status))
        }
    }

    private mutating func enter(
        _ path: String,
        location: String,
        identity: FileIdentity,
        from folder: Folder
    ) throws(LoadError) {
        if folder.chain.contains(where: { $0.inode == identity.inode && $0.device == identity.device }) {
            return self.fail(path, "is a symbolic link to a folder that contains it")
        }
        guard folder.depth < self.limits.depth else {
            return self.fail(path, "is nested deeper than \(self.limits.depth) folders and is ignored")
        }
        let listing = self.attempt(path) { () throws(FileSystem.Failure) in try FileSystem.names(in: location) }
        guard let names = listing else { return }
        self.layout.add(path, identity)
        try self.visit(names, in: Folder(path: path, location: location, chain: folder.chain + [identity]))
    }

    private mutating func load(_ path: String, location: String, identity: FileIdentity) throws(LoadError) {
        if let old = self.previous[path], old.isSettled, old.identity == identity {
            return try self.store(old)
        }
        let maximum = self.limits.fileBytes
        let content = self.attempt(path) { () throws(FileSystem.Failure) in
            try FileSystem.read(location, maximum: maximum)
        }
        guard let (bytes, identity) = content else { return }
        try self.store(
            SourceFile(
                path: path,
                displayPath: self.displayPath(path),
                bytes: bytes,
                identity: identity,
                isSettled: identity.isSettledNow
            )
        )
    }

    /// What the body gives; nil when the system refuses, with a diagnostic unless the file was deleted meanwhile, which is as
    /// if it had never been there.
    private mutating func attempt<T>(_ path: String, _ body: () throws(FileSystem.Failure) -> T) -> T? {
        do throws(FileSystem.Failure) {
            return try body()
        } catch {
            switch error.code {
            case ENOENT: break
            case EFBIG: self.fail(path, "is larger than \(self.limits.fileBytes) bytes")
            case EAGAIN: self.fail(path, "kept changing while it was read: save it again")
            default: self.fail(path, "can't be read: \(error.description)")
            }
            return nil
        }
    }

    private mutating func store(_ file: SourceFile) throws(LoadError) {
        self.totalBytes += file.identity.size
        guard self.totalBytes <= self.limits.totalBytes else {
            throw LoadError(
                .tooLarge,
                "the workers directory \(MessageText.quoted(self.root)) holds more than \(self.limits.totalBytes) bytes of "
                    + "Lua (at \(file.displayPath)): is it the right directory?"
            )
        }
        self.files[file.path] = file
    }

    private mutating func count() throws(LoadError) {
        self.entries += 1
        guard self.entries <= self.limits.entries else {
            throw LoadError(
                .tooLarge,
                "the workers directory \(MessageText.quoted(self.root)) holds more than \(self.limits.entries) Lua files "
                    + "and folders: is it the right directory?"
            )
        }
    }

    /// Where the file really is, and its status; nil, with a diagnostic where it could have been a worker, for a symbolic
    /// link that can't be used.
    private mutating func resolve(_ path: String, location: String) -> (location: String, status: stat)? {
        let found = self.attempt(path) { () throws(FileSystem.Failure) in
            try FileSystem.status(location, followLink: false)
        }
        guard let status = found else { return nil }
        guard status.st_mode & S_IFMT == S_IFLNK else { return (location, status) }
        self.layout.isSettled = false
        do throws(FileSystem.Failure) {
            let target = try FileSystem.realPath(location)
            if target == self.realRoot || target.hasPrefix(self.realRoot + "/") {
                return (target, try FileSystem.status(target, followLink: false))
            }
            self.fail(
                path,
                "is a symbolic link out of the workers directory, which is not followed: copy the file here"
            )
        } catch {
            guard SourceName.stem(path) != nil else { return nil }
            self.fail(path, "is a symbolic link that leads nowhere: \(error.description)")
        }
        return nil
    }

    private mutating func fail(_ path: String, _ message: String) {
        self.failures.insert(path)
        self.report(.error, path, message)
    }

    private mutating func report(_ severity: LoadDiagnostic.Severity, _ path: String, _ message: String) {
        let worker = severity == .error ? Self.worker(ofPath: path) : nil
        self.diagnostics.append(
            LoadDiagnostic(severity, worker: worker, file: self.displayPath(path), message: message)
        )
    }

    private static func rootError(_ directory: String, _ failure: FileSystem.Failure) -> LoadError {
        let shown = MessageText.quoted(directory)
        if failure.code == ENOENT {
            return LoadError(.missing, "there is no workers directory \(shown): create it, or name another one")
        }
        return LoadError(.unreadable, "the workers directory \(shown) can't be read: \(failure.description)")
    }

    private static func lastComponent(_ path: String) -> String? {
        guard let last = path.split(separator: "/").last, last != ".", last != ".." else { return nil }
        return String(last)
    }
}
