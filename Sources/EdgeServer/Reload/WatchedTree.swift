import EdgeRuntime
import Glibc

/// The watches on a directory, the folders in it, and what lies above it.
///
/// The directory may come and go: the nearest existing folder above it is watched for the name that leads to it. Folders whose
/// name begins with `.` are left out, and so are symbolic links: where they lead inside the directory, it is watched there.
final class WatchedTree {
    /// What an event asks for.
    struct Reaction: Equatable {
        /// Something may load differently now.
        var isChange = false
        /// Folders have come or gone: ``synchronize()``.
        var needsSynchronizing = false

        static let ignore = Reaction()
        static let change = Reaction(isChange: true)
        static let structure = Reaction(isChange: true, needsSynchronizing: true)
    }

    private enum Watch {
        case folder(String)
        /// Above the directory; the entry that leads to it.
        case above(entry: [UInt8])
    }

    /// As deep as workers are read, and the folder of the directory itself.
    private static let maximumDepth = 8
    private static let maximumFolders = 50_000
    /// No IN_MODIFY: a file that is being written is told of when its writer closes it. IN_ATTRIB: a file made readable.
    private static let folderMask =
        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB
        | IN_DONT_FOLLOW
    private static let aboveMask =
        IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF

    private let inotify: Inotify
    /// Absolute, so that it stays the same wherever the process goes.
    private let root: String
    private var watches: [Int32: Watch] = [:]

    init(directory: String, inotify: Inotify) throws(FileWatchError) {
        self.inotify = inotify
        self.root = try Self.absolute(directory)
    }

    /// Watches what exists now and drops what does not. Parents are watched before they are listed, so a folder made meanwhile
    /// is either in the list or told of later.
    func synchronize() throws(FileWatchError) {
        var current = try self.watchAbove()
        var pending = [(path: self.root, depth: 0)]
        while let (path, depth) = pending.popLast() {
            guard current.count <= Self.maximumFolders else {
                throw FileWatchError.tooManyDirectories(self.root, maximum: Self.maximumFolders)
            }
            // The directory itself may be a symbolic link.
            let mask = depth == 0 ? Self.folderMask & ~IN_DONT_FOLLOW : Self.folderMask
            guard let watch = try self.add(path, mask: mask) else { continue }
            current[watch] = .folder(path)
            if depth < Self.maximumDepth {
                pending += Self.folders(in: path).map { ($0, depth + 1) }
            }
        }
        for watch in self.watches.keys where current[watch] == nil { self.inotify.remove(watch) }
        self.watches = current
    }

    func reaction(to event: Inotify.Event) -> Reaction {
        if event.has(IN_Q_OVERFLOW) { return .structure }
        guard let watch = self.watches[event.watch] else { return .ignore }
        if event.has(IN_IGNORED) {
            self.watches[event.watch] = nil
            return .structure
        }
        if event.has(IN_DELETE_SELF, IN_MOVE_SELF, IN_UNMOUNT) { return .structure }
        switch watch {
        case .above(let entry):
            return event.name == entry ? .structure : .ignore
        case .folder(let path):
            if event.has(IN_ISDIR) { return .structure }
            return event.has(IN_CREATE) && Self.isNewRegularFile(event.name, in: path) ? .ignore : .change
        }
    }

    /// Watches the nearest existing folder above the directory.
    private func watchAbove() throws(FileWatchError) -> [Int32: Watch] {
        var path = self.root
        var attempts = 0
        while path != "/" {
            let slash = path.lastIndex(of: "/") ?? path.startIndex
            let entry = Array(path[path.index(after: slash)...].utf8)
            let parent = slash == path.startIndex ? "/" : String(path[..<slash])
            if let watch = try self.add(parent, mask: Self.aboveMask) {
                // If what leads on has appeared before the watch was there, nobody will tell: look again from below.
                // Not for ever: what is there may be no folder, or closed to us.
                attempts += 1
                if path == self.root || !Self.exists(path) || attempts == 3 { return [watch: .above(entry: entry)] }
                path = self.root
            } else {
                path = parent
            }
        }
        return [:]
    }

    /// The watch of a directory; nil when it does not exist or may not be read.
    private func add(_ path: String, mask: Int32) throws(FileWatchError) -> Int32? {
        switch self.inotify.add(path, mask: mask) {
        case .success(let watch): return watch
        case .failure(let failure):
            if [ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG].contains(failure.code) { return nil }
            throw FileWatchError.watches(directory: path, errno: failure.code)
        }
    }

    /// A file just created is empty; that it is complete is told when its writer closes it. Not so a link.
    private static func isNewRegularFile(_ name: [UInt8], in folder: String) -> Bool {
        let path = folder + "/" + String(decoding: name, as: UTF8.self)
        guard let status = try? FileSystem.status(path, followLink: false) else { return false }
        return status.st_mode & S_IFMT == S_IFREG && status.st_nlink == 1
    }

    private static func folders(in path: String) -> [String] {
        // A folder that vanishes or is closed to us has nothing to watch.
        guard let names = try? FileSystem.names(in: path) else { return [] }
        return names.compactMap { bytes in
            guard let name = String(validating: bytes, as: UTF8.self), !name.hasPrefix(".") else { return nil }
            let entry = path + "/" + name
            guard let status = try? FileSystem.status(entry, followLink: false) else { return nil }
            return status.st_mode & S_IFMT == S_IFDIR ? entry : nil
        }
    }

    private static func exists(_ path: String) -> Bool {
        (try? FileSystem.status(path, followLink: true)) != nil
    }

    private static func absolute(_ path: String) throws(FileWatchError) -> String {
        var components = path.split(separator: "/").filter { $0 != "." }.map(String.init)
        if !path.hasPrefix("/") {
            guard let current = getcwd(nil, 0) else { throw FileWatchError.system("getcwd", errno: errno) }
            defer { free(current) }
            components = String(cString: current).split(separator: "/").map(String.init) + components
        }
        return "/" + components.joined(separator: "/")
    }
}
