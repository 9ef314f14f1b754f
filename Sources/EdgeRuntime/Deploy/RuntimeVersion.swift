import EdgeIsolate

/// What this build of edgehost is made of.
public enum RuntimeVersion {
    public static let number = "0.1.0"

    /// For example `Lua 5.4.4 (Debian 5.4.4-3+deb12u1, 13 edgehost patches ...)`.
    public static var lua: String { Engine.luaName }

    /// Whether the known faults of the distribution's Lua are corrected.
    public static var isLuaPatched: Bool { Engine.isLuaPatched }
}
