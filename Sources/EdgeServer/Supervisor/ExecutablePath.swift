import Glibc

/// Where the executable of this process lies, as an upgrade should look for the next one.
enum ExecutablePath {
    /// The path by which it was called, made absolute: a symbolic link in it is followed at each start, so that an upgrade may
    /// move the link. Where that is not this executable, the kernel's answer.
    static func resolve(_ argument: String) -> String {
        Self.candidates(argument).first(where: Self.isThisExecutable) ?? Self.own()
    }

    private static func candidates(_ argument: String) -> [String] {
        if argument.hasPrefix("/") { return [argument] }
        if argument.contains("/") { return [Self.workingDirectory() + "/" + argument] }
        let folders = getenv("PATH").map { String(cString: $0) } ?? ""
        return folders.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(argument)" }
    }

    private static func isThisExecutable(_ path: String) -> Bool {
        var (file, own) = (stat(), stat())
        return stat(path, &file) == 0 && stat("/proc/self/exe", &own) == 0
            && file.st_dev == own.st_dev && file.st_ino == own.st_ino
    }

    private static func own() -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }

    private static func workingDirectory() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        return getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? "."
    }
}
