import Glibc

extension StartIndex {
    /// Whether the workers folder is as it was: no folder's entries and no file changed. Reads no file and no folder.
    ///
    /// A folder's times change when a name in it comes, goes, or is given to another file. All times in the index were old enough
    /// when they were written down for any later change to differ.
    func isCurrent(_ directory: String) -> Bool {
        guard directory == self.directory, let real = try? FileSystem.realPath(directory), real == self.realRoot else {
            return false
        }
        let root = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { return false }
        defer { close(root) }
        return self.folders.allSatisfy { Self.identity(of: $0.path.isEmpty ? "." : $0.path, in: root) == $0.identity }
            && self.files.allSatisfy { Self.identity(of: $0.path, in: root) == $0.identity }
    }

    private static func identity(of path: String, in root: Int32) -> FileIdentity? {
        var status = stat()
        guard fstatat(root, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return FileIdentity(status)
    }
}
