import CProcess
import Glibc

/// What a server may still reach once it is in its sandbox. Everything else in the file system is closed to it.
struct SandboxPolicy: Sendable, Equatable {
    enum Access: Sendable, Equatable {
        /// Files whose names are known.
        case readFiles
        /// Files and folders.
        case read
        case readWrite

        var right: edge_landlock_access {
            switch self {
            case .readFiles: EDGE_LANDLOCK_READ_FILES
            case .read: EDGE_LANDLOCK_READ
            case .readWrite: EDGE_LANDLOCK_READ_WRITE
            }
        }
    }

    struct Grant: Sendable, Equatable {
        /// A file, or a folder with all below it. What does not exist is left out.
        var path: String
        var access: Access
    }

    var grants: [Grant]
    /// The TCP port that may be bound; 0 stands for the one the system picks.
    var bindPort: UInt16

    init(_ options: ResolvedOptions) {
        var readable = [options.workers]
        if options.isDevelopment {
            // Whoever develops deletes the folder, or swaps it for another: a rule for the folder goes with it, one for the
            // folder above stays. Not where it holds more than a project.
            if let above = Self.folderAbove(options.workers), !Self.isShared(above) { readable.append(above) }
        }
        readable += options.host.sandboxReadable
        if let secrets = options.host.secrets { readable.append(secrets) }
        if let tls = options.tls { readable += Self.replaceable(tls.certificate) + Self.replaceable(tls.key) }
        readable += Self.system + Self.resolver
        self.grants = readable.map { Grant(path: $0, access: .read) }
        self.grants.append(Grant(path: Self.processes, access: .readFiles))
        self.grants.append(Grant(path: options.data, access: .readWrite))
        self.bindPort = UInt16(clamping: options.endpoint.port)
    }

    /// libdispatch reads the state of its threads as `/proc/THREAD/stat`, where a rule for `/proc/self` does not reach, and ends
    /// the process when it can't. Of other processes Landlock closes memory, environment and open files even so.
    private static let processes = "/proc"

    /// What the runtime reads: how many cores there are, and random numbers where the kernel's call is missing.
    private static let system = ["/sys/fs/cgroup", "/sys/devices/system/cpu", "/dev/urandom"]

    /// What an outbound connection needs: names, and whose certificates to trust. The folder of private keys is not among them.
    private static var resolver: [String] {
        Self.replaceable("/etc/resolv.conf") + [
            "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/etc/ssl/certs",
            "/etc/ssl/openssl.cnf", "/etc/pki/tls/certs", "/etc/pki/ca-trust", "/etc/ca-certificates",
            "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
        ]
    }

    /// A file that others replace by another while the server runs, as a resolver does its own, or whoever renews a certificate: the
    /// file, and the folders that its name and it lie in. A rule for the file alone goes with it. Folders with much else are not
    /// opened for it.
    static func replaceable(_ file: String) -> [String] {
        var folders: [String] = []
        for folder in [self.folderAbove(file), self.absolute(file).flatMap { self.folderAbove($0) }] {
            if let folder, !self.isShared(folder), !folders.contains(folder) { folders.append(folder) }
        }
        return [file] + folders.sorted()
    }

    /// Whether a folder is where the files of many begin, such as a home.
    static func isShared(_ folder: String) -> Bool {
        let shared = ["/", "/etc", "/home", "/opt", "/root", "/srv", "/tmp", "/usr", "/var", "/var/lib"]
        let home = getenv("HOME").flatMap { self.absolute(String(cString: $0)) }
        return shared.contains(folder) || folder == home
    }

    /// The folder whose entry the path names, absolute; nil where it does not exist or is the root, which is no restriction.
    static func folderAbove(_ path: String) -> String? {
        var entry = path[...]
        while entry.hasSuffix("/") { entry.removeLast() }
        let slash = entry.lastIndex(of: "/")
        let name = slash.map { entry[entry.index(after: $0)...] } ?? entry
        // The entry may be a link to elsewhere: its own folder counts, and it is the one before it in the path. Before `.` and
        // `..` is another.
        let hasName = !name.isEmpty && name != "." && name != ".."
        let above = hasName ? slash.map { String(entry[...$0]) } ?? "." : path + "/.."
        return self.absolute(above).flatMap { $0 == "/" ? nil : $0 }
    }

    /// Without symbolic links.
    private static func absolute(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
