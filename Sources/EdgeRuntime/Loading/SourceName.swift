/// Which names in a workers directory mean what.
enum SourceName {
    static let sharedFolder = "lib"
    static let entryFile = "init.lua"
    private static let suffix = ".lua"
    private static let maximumLength = 63

    /// Whether a name is hidden or what an editor leaves behind. `_` hides a name at the top level only: inside a folder
    /// `_helpers.lua` is a module like any other.
    static func isIgnored(_ name: String, atTopLevel: Bool) -> Bool {
        if name.hasPrefix(".") || (atTopLevel && name.hasPrefix("_")) { return true }
        if name.hasPrefix("#") && name.hasSuffix("#") { return true }
        // vim probes with a file called 4913 whether it may write.
        return name == "4913" || [".swp", ".swx", ".tmp", ".bak", ".orig", "~"].contains(where: name.hasSuffix)
    }

    /// `cart` for `cart.lua`; nil for any other kind of file.
    static func stem(_ name: String) -> String? {
        guard name.hasSuffix(self.suffix), name.utf8.count > self.suffix.utf8.count else { return nil }
        return String(name.dropLast(self.suffix.count))
    }

    /// `[A-Za-z0-9][A-Za-z0-9_-]{0,62}`
    static func isWorkerName(_ name: String) -> Bool {
        guard let first = name.utf8.first, self.isAlphanumeric(first), name.utf8.count <= self.maximumLength else {
            return false
        }
        return name.utf8.allSatisfy { self.isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    }

    /// A segment of a module name: as a worker's name, but it may begin with `_`.
    static func isModuleSegment(_ name: String) -> Bool {
        self.isWorkerName(name.hasPrefix("_") ? "m" + name.dropFirst() : name)
    }

    /// `[A-Za-z_][A-Za-z0-9_]{0,63}`: what can be written as `env.NAME` or `params.name`.
    static func isIdentifier(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 64, !self.isDigit(first) else { return false }
        return name.utf8.allSatisfy { self.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return self.isDigit(byte) || (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z"))
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
