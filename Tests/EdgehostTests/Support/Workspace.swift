import Foundation
import Glibc

/// A temporary directory to run edgehost in, with a folder `workers`; removed with the object.
final class Workspace: Sendable {
    let path: String

    /// - Parameter files: texts by their path below `workers`.
    init(_ files: [String: String] = [:]) throws {
        var template = Array("/tmp/edgehost-e2e-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("mkdtemp: errno \(errno)") }
        self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard mkdir("\(self.path)/workers", 0o700) == 0 else { throw Failure("mkdir: errno \(errno)") }
        for (name, text) in files { try self.write(name, text) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func worker(_ name: String) -> String {
        "\(self.path)/workers/\(name)"
    }

    /// Writes below `workers` as a shell's `>` does: the file is emptied, then filled.
    func write(_ name: String, _ text: String) throws {
        try self.makeFolder(of: self.worker(name))
        try self.writePlain(self.worker(name), text)
    }

    /// Writes below `workers` as many editors do: a new file takes the name of the old one.
    func replace(_ name: String, _ text: String) throws {
        let scratch = self.worker(name) + "~"
        try self.writePlain(scratch, text)
        guard rename(scratch, self.worker(name)) == 0 else { throw Failure("rename \(name): errno \(errno)") }
    }

    func delete(_ name: String) throws {
        try FileManager.default.removeItem(atPath: self.worker(name))
    }

    func move(_ name: String, to other: String) throws {
        try self.makeFolder(of: self.worker(other))
        guard rename(self.worker(name), self.worker(other)) == 0 else {
            throw Failure("rename \(name): errno \(errno)")
        }
    }

    /// Writes beside `workers`.
    func writeBeside(_ name: String, _ text: String) throws {
        try self.makeFolder(of: "\(self.path)/\(name)")
        try self.writePlain("\(self.path)/\(name)", text)
    }

    private func makeFolder(of path: String) throws {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func writePlain(_ path: String, _ text: String) throws {
        let file = try OpenFile(path)
        try file.append(text)
    }
}

/// A file while it is being written; closed with the object.
final class OpenFile {
    private let descriptor: Int32

    /// Empties the file, or makes it.
    init(_ path: String) throws {
        self.descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else { throw Failure("open \(path): errno \(errno)") }
    }

    deinit {
        close(self.descriptor)
    }

    func append(_ text: String) throws {
        let count = Glibc.write(self.descriptor, text, text.utf8.count)
        guard count == text.utf8.count else { throw Failure("write: errno \(errno)") }
    }
}
